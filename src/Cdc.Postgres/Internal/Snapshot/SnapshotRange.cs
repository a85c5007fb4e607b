using System.Globalization;
using Cdc.Postgres.Internal.Setup;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Some blocks of a table, or of one of its partitions, read by one COPY and delivered as one partition of the table's topic.</summary>
/// <param name="Partition">The number of the partition.</param>
/// <param name="Relation">The table, or the partition of it that holds the rows.</param>
/// <param name="From">The first block.</param>
/// <param name="To">The first block that is not read; null to the end, wherever that is by then.</param>
internal sealed record SnapshotRange(int Partition, uint Relation, long From, long? To)
{
    /// <summary>
    /// Set for blocks that were read before a crash, under a snapshot that has gone: only rows that this snapshot does not see
    /// are read. A row that moved here from a block not read yet would else be missed, and its update may leave values out.
    /// </summary>
    public TransactionSnapshot? ChangedSince { get; init; }

    /// <summary>The COPY that reads it.</summary>
    /// <param name="table">The table.</param>
    /// <param name="relation">The relation's name, quoted.</param>
    public string Copy(PublishedTable table, string relation)
    {
        var conditions = new List<string>();

        // The first block has no lower bound to check and a table of one range no bound at all.
        if (From > 0) conditions.Add(string.Create(CultureInfo.InvariantCulture, $"ctid >= '({From},0)'"));
        if (To is { } to) conditions.Add(string.Create(CultureInfo.InvariantCulture, $"ctid < '({to},0)'"));
        if (table.RowFilter is { } filter) conditions.Add($"({filter})");
        if (ChangedSince is { } since) conditions.Add($"({Unseen(since)})");
        var where = conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", conditions)}";
        return $"COPY (SELECT {string.Join(", ", table.Columns.Select(c => table.AsText.Contains(c.Name) ? $"{SqlName.Quote(c.Name)}::text" : SqlName.Quote(c.Name)))} FROM ONLY {relation}{where}) TO STDOUT (FORMAT binary)";
    }

    // A row's xmin has 32 bits: at or after the snapshot's xmax when less than half the circle ahead. 1 and 2 are never new.
    private static string Unseen(TransactionSnapshot since)
    {
        var after = string.Create(CultureInfo.InvariantCulture, $"((xmin::text::int8 - {(uint)since.Xmax}) & 4294967295) < 2147483648");
        var running = since.Running.Count == 0 ? "" : $" OR xmin::text::int8 = ANY ('{{{string.Join(',', since.Running.Select(r => (uint)r))}}}'::int8[])";
        return $"xmin::text::int8 > 2 AND ({after}{running})";
    }
}
