namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Which streamed changes of a table are delivered while its first snapshot is made.</summary>
/// <remarks>
/// A change whose commit lies below the snapshot's version is seen by the snapshot. Before it, an update that leaves unchanged values out
/// would name a row that the target does not have yet.
/// </remarks>
internal sealed class TableGate
{
    private ulong dropBelow;

    public TableGate(ulong dropBelow) => this.dropBelow = dropBelow;

    /// <summary>The gate of a table that is read completely.</summary>
    public static TableGate Open { get; } = new(0);

    /// <summary>The gate of a table whose snapshot has no version yet.</summary>
    public static TableGate Pending() => new(ulong.MaxValue);

    /// <summary>Whether a change is dropped, because the snapshot sees it.</summary>
    /// <param name="commit">The final LSN of its transaction.</param>
    public bool Drops(ulong commit) => commit < Volatile.Read(ref dropBelow);

    public void Set(ulong version) => Volatile.Write(ref dropBelow, version);
}
