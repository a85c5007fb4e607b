namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>A ledger in memory, by hand.</summary>
internal sealed class MemoryLedger : ILedger
{
    private readonly Dictionary<(string, int), LedgerEntry> entries = [];

    public LedgerEntry? Find(string topic) => entries.GetValueOrDefault((topic, 0));

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => new([.. entries.Values]);

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> newer, CancellationToken cancellationToken)
    {
        foreach (var entry in newer) entries[(entry.Partition.Topic, entry.Partition.Partition)] = entry;
        return default;
    }
}
