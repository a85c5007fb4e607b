namespace Cdc.Benchmarks.Postgres;

/// <summary>Remembers for as long as the run lasts.</summary>
internal sealed class MemoryLedger : ILedger
{
    private readonly Dictionary<(string, int), LedgerEntry> entries = [];

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => new([.. entries.Values]);

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> newer, CancellationToken cancellationToken)
    {
        foreach (var entry in newer) entries[(entry.Partition.Topic, entry.Partition.Partition)] = entry;
        return default;
    }
}
