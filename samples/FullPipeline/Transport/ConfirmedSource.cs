using Cdc;
using Confluent.Kafka;

namespace FullPipeline;

/// <summary>
/// Confirms to PostgreSQL, and remembers, only what ClickHouse has. The embedded broker forgets everything with its process: what it alone holds must come
/// again from the slot.
/// </summary>
internal sealed class ConfirmedSource(IChangeSource source, ILedger ledger, Outstanding outstanding) : IChangeSource, ILedger
{
    private readonly Queue<Step> waiting = new();
    private IReadOnlyList<LedgerEntry> entries = [];

    public IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken) => source.ReadAsync(cancellationToken);

    ValueTask<IReadOnlyList<LedgerEntry>> ILedger.ReadAsync(CancellationToken cancellationToken) => ledger.ReadAsync(cancellationToken);

    /// <summary>The loop writes its positions before it commits them: both wait.</summary>
    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> written, CancellationToken cancellationToken)
    {
        entries = [.. written];
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Everything before is in the broker by now; it is passed on as soon as the broker's reader committed that much. A ClickHouse that is away does not
    /// halt the loop: the broker goes on being filled, and the next call passes on more.
    /// </summary>
    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        if (checkpoints.Count > 0) waiting.Enqueue(new Step(outstanding.Ends(), entries, [.. checkpoints]));
        if (waiting.Count == 0) return;
        var durable = await outstanding.DurableAsync(cancellationToken);
        while (waiting.TryPeek(out var oldest) && oldest.Ends.All(p => durable.GetValueOrDefault(p.Key) >= p.Value))
        {
            if (oldest.Entries.Count > 0 && !await IsRememberedAsync(oldest.Entries, cancellationToken)) return;
            await source.CommitAsync(oldest.Checkpoints, cancellationToken);
            waiting.Dequeue();
        }
    }

    private async ValueTask<bool> IsRememberedAsync(IReadOnlyList<LedgerEntry> written, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.WriteAsync(written, cancellationToken);
            return true;
        }
        catch (CdcException away) when (away.IsTransient)
        {
            return false;
        }
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => source.ReadAgainAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private sealed record Step(IReadOnlyDictionary<TopicPartition, long> Ends, IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<Checkpoint> Checkpoints);
}
