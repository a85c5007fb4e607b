using System.Text.Json.Serialization;

namespace Cdc.Postgres;

/// <summary>What the snapshot of a table is at.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PostgresSnapshotState>))]
public enum PostgresSnapshotState
{
    /// <summary>It waits for its turn, or for transactions that ran before it to end.</summary>
    Waiting,

    /// <summary>Rows are read.</summary>
    Reading,

    /// <summary>Every row was read; some are not durable yet.</summary>
    Read,

    /// <summary>Every row is durable.</summary>
    Finished,
}

/// <summary>How far the snapshot of a table is.</summary>
/// <param name="Table">The table.</param>
/// <param name="State">What it is at.</param>
/// <param name="Rows">Rows read by this process.</param>
/// <param name="EstimatedRows">Rows of the table by the planner's estimate; null where it has none.</param>
/// <param name="Ranges">Ranges of the table.</param>
/// <param name="FinishedRanges">Ranges that are durable, those of earlier runs included.</param>
/// <param name="RowsPerSecond">Rows read a second, from the first row to the last.</param>
/// <param name="WaitsFor">The transaction that must end before reading begins; null while none is waited for.</param>
public sealed record PostgresSnapshotProgress(
    TableId Table, PostgresSnapshotState State, long Rows, long? EstimatedRows, int Ranges, int FinishedRanges, double RowsPerSecond, ulong? WaitsFor)
{
    /// <summary>How much of the table is read, 0 to 100: of the estimated rows, or of the ranges where there is no estimate. 100 only when every row was read.</summary>
    public double Percent
    {
        get
        {
            if (State >= PostgresSnapshotState.Read) return 100;
            var ranges = Ranges == 0 ? 0 : 100.0 * FinishedRanges / Ranges;
            var rows = EstimatedRows is > 0 and var estimated ? 100.0 * Rows / estimated : 0;
            return Math.Min(99.9, Math.Max(ranges, rows));
        }
    }
}
