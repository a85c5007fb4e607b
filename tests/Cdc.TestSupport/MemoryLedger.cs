namespace Cdc.TestSupport;

/// <summary>A ledger in memory: it remembers for as long as it lives.</summary>
public sealed class MemoryLedger : ILedger
{
    private readonly Dictionary<(string, int), LedgerEntry> kept = [];

    /// <summary>What it remembers of the first partition of a topic.</summary>
    public LedgerEntry? Find(string topic) => kept.GetValueOrDefault((topic, 0));

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => new([.. kept.Values]);

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries) kept[(entry.Partition.Topic, entry.Partition.Partition)] = entry;
        return default;
    }
}
