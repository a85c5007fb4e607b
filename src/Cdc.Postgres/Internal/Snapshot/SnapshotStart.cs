namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Where snapshots begin.</summary>
internal sealed record SnapshotStart
{
    /// <summary>Whether nothing was read before: every table of the publication is.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>For the first start: a position such that every transaction that committed at or after it is streamed.</summary>
    public ulong Position { get; init; }

    /// <summary>For the first start: the snapshot of the position, exported by the slot's creation; null when it has gone or never was.</summary>
    public string? Exported { get; init; }

    /// <summary>What keeps the exported snapshot: it is disposed when the snapshot was taken over.</summary>
    public IAsyncDisposable? Exporter { get; init; }

    /// <summary>What the ledger knows.</summary>
    public IReadOnlyList<LedgerEntry> Entries { get; init; } = [];

    /// <summary>What the ledger must know together with the first plans; null for nothing.</summary>
    public LedgerEntry? Remember { get; init; }

    /// <summary>The newest plan of each table, by its topic.</summary>
    public Dictionary<string, SnapshotPlan> Plans() =>
        Entries.Where(e => e.ReaderState is not null && e.Partition.Topic.StartsWith(SnapshotPlan.LedgerPrefix, StringComparison.Ordinal))
            .Select(e => SnapshotPlan.Parse(e.ReaderState!))
            .ToDictionary(p => p.Topic);

    /// <summary>The partitions of each topic that are durable to their end.</summary>
    public ILookup<string, int> Finished() =>
        Entries.Where(e => e.Partition.Position > RangeReader.EndOffset && e.Partition.Topic.StartsWith(SnapshotPlan.TopicPrefix, StringComparison.Ordinal))
            .ToLookup(e => e.Partition.Topic, e => e.Partition.Partition);
}
