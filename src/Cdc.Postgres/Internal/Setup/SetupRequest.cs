namespace Cdc.Postgres.Internal.Setup;

/// <summary>What a source needs of the database.</summary>
/// <param name="Slot">The slot's name.</param>
/// <param name="Publication">The publication's name.</param>
internal sealed record SetupRequest(string Slot, string Publication)
{
    /// <summary>The tables that must be published; none for whatever the publication has.</summary>
    public IReadOnlyList<TableId> Tables { get; init; } = [];

    /// <summary>Whether a missing publication is created.</summary>
    public bool CreatePublication { get; init; }

    /// <summary>Whether a missing slot is created.</summary>
    public bool CreateSlot { get; init; }

    /// <summary>Whether a created publication sends changes of partitions as changes of their root.</summary>
    public bool ViaRoot { get; init; }

    /// <summary>Whether a created slot is kept on standbys too, where the server can (17 and later).</summary>
    public bool Failover { get; init; } = true;

    /// <summary>Whether rows are read, not only changes.</summary>
    public bool Snapshots { get; init; } = true;

    /// <summary>Whether a target is to equal the source: else the publication may leave kinds of changes out.</summary>
    public bool IsForTarget { get; init; } = true;
}
