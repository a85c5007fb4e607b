namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>What a snapshot is made with.</summary>
/// <param name="Slot">The slot, for the watermarks.</param>
/// <param name="Publication">The publication, whose tables, columns and rows are read.</param>
internal sealed record SnapshotSettings(string Slot, string Publication)
{
    /// <summary>Connections that read at once.</summary>
    public int Connections { get; init; } = 2;

    /// <summary>Blocks (8 kB) of a range: what is read again after a crash, at most, for each connection.</summary>
    public long RangeBlocks { get; init; } = 8192;

    /// <summary>How often the publication is looked at for tables that were added.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a snapshot is tried again while a transaction is not visible yet.</summary>
    public TimeSpan VisibilityInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What the reader is told at the assignment of each range.</summary>
    public string? ReaderState { get; init; }
}
