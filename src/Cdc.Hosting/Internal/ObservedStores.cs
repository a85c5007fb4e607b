namespace Cdc.Hosting.Internal;

/// <summary>Dead letters that are logged and counted once they are durable: where they came from and why, never what they hold.</summary>
internal sealed class ObservedDeadLetters(IDeadLetterSink inner, RunObserver observer) : IDeadLetterSink
{
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await observer.CallAsync("dead_letter", () => inner.WriteAsync(letter, cancellationToken)).ConfigureAwait(false);
        observer.Letter(letter);
    }

    // The run's parts own the place.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A ledger whose failures are seen.</summary>
internal sealed class ObservedLedger(ILedger inner, RunObserver observer) : ILedger
{
    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => observer.CallAsync("ledger", () => inner.ReadAsync(cancellationToken));

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) => observer.CallAsync("ledger", () => inner.WriteAsync(entries, cancellationToken));
}
