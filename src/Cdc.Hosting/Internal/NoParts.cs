namespace Cdc.Hosting.Internal;

/// <summary>Parts that are never used: only a pipeline's options are checked with them.</summary>
internal sealed class NoParts : IChangeSource, IChangeReader, IChangeSink
{
    public static NoParts Instance { get; } = new();

    public IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => throw new NotSupportedException();

    public MessageKind Read(in SourceMessage message, ChangeEvent change) => throw new NotSupportedException();

    public bool TryAppend(ChangeEvent change) => throw new NotSupportedException();

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A ledger that is never used: only a source's options are checked with it.</summary>
internal sealed class NoLedger : ILedger
{
    public static NoLedger Instance { get; } = new();

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) => throw new NotSupportedException();
}
