namespace Cdc;

/// <summary>What became of the rows since the last flush.</summary>
/// <param name="Tables">The figures of each table that had rows.</param>
/// <param name="Rejected">The rows that the target refused, to be put among the dead letters.</param>
/// <param name="Stopped">The tables that stopped, with the first position of each partition that is not durable.</param>
public sealed record FlushResult(IReadOnlyList<TableFlush> Tables, IReadOnlyList<RowRejection> Rejected, IReadOnlyList<TableStop> Stopped)
{
    /// <summary>Nothing was waiting.</summary>
    public static FlushResult Empty { get; } = new([], [], []);
}

/// <summary>What a flush did to one table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Applied">Rows that are durable now.</param>
/// <param name="Superseded">Rows that were left out because the target holds a newer version.</param>
/// <param name="Bytes">Bytes sent.</param>
/// <param name="Inserts">Requests that succeeded.</param>
/// <param name="Fenced">Rows that were left out because a truncate is newer.</param>
public sealed record TableFlush(TableId Table, long Applied, long Superseded, long Bytes, int Inserts, long Fenced = 0);

/// <summary>A row that the target refused.</summary>
/// <param name="Table">The table.</param>
/// <param name="Position">The partition and the offset of its message.</param>
/// <param name="Column">The column that is to blame, or null.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">What the target said or what to do, without a value.</param>
public sealed record RowRejection(TableId Table, Checkpoint Position, string? Column, DeadLetterReason Reason, string Detail);

/// <summary>A table that stopped.</summary>
/// <param name="Cause">Why, and the way out.</param>
/// <param name="Rows">Rows that were taken and are not durable.</param>
/// <param name="FirstHeld">For each partition the offset of the first such row: nothing at or above it may be committed.</param>
public sealed record TableStop(TableStoppedException Cause, long Rows, IReadOnlyList<Checkpoint> FirstHeld);
