namespace Cdc.Postgres.Internal.Setup;

/// <summary>Writes and reads the ledger until it works: a ledger that does not answer is no reason to stop.</summary>
internal static class LedgerWriter
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static async ValueTask WriteAsync(ILedger ledger, IReadOnlyList<LedgerEntry> entries, TimeProvider time, CancellationToken cancellationToken) =>
        await RepeatAsync(
            async () =>
            {
                await ledger.WriteAsync(entries, cancellationToken).ConfigureAwait(false);
                return true;
            },
            time, cancellationToken).ConfigureAwait(false);

    public static async ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(ILedger ledger, TimeProvider time, CancellationToken cancellationToken) =>
        await RepeatAsync(async () => await ledger.ReadAsync(cancellationToken).ConfigureAwait(false), time, cancellationToken).ConfigureAwait(false);

    private static async ValueTask<T> RepeatAsync<T>(Func<ValueTask<T>> work, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); ; delay = TimeSpan.FromTicks(Math.Min(Longest.Ticks, delay.Ticks * 2)))
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (CdcException failure) when (failure.IsTransient)
            {
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
