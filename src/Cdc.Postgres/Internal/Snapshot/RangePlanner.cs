using System.Collections.Immutable;
using Cdc.Postgres.Internal.Setup;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Cuts tables into ranges of blocks. Every table has blocks: no key and no statistics are needed, and every row is read once.</summary>
internal static class RangePlanner
{
    private const int MaxRanges = 1000;

    // relfilenode as the server has it now, not as a snapshot knows it.
    private const string Relations =
        """
        SELECT c.oid, n.nspname, c.relname, pg_relation_filenode(c.oid)::oid, pg_relation_size(c.oid) / current_setting('block_size')::int, m.amname
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_am m ON m.oid = c.relam
        WHERE c.oid = ANY(@oids)
        """;

    /// <summary>Plans a table whose relations cannot change their files any more: it is locked.</summary>
    public static async Task<(ImmutableArray<PlannedRelation> Relations, IReadOnlyDictionary<uint, string> Names)> PlanAsync(
        NpgsqlConnection connection, TableDescription table, long rangeBlocks, CancellationToken cancellationToken)
    {
        uint[] oids = table.Kind == 'p' ? [.. table.Leaves] : [table.Oid];
        await using var command = new NpgsqlCommand(Relations, connection) { Parameters = { new("oids", NpgsqlDbType.Array | NpgsqlDbType.Oid) { Value = oids } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var relations = new List<PlannedRelation>();
        var names = new Dictionary<uint, string>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var oid = row.GetFieldValue<uint>(0);
            var blocks = row.GetInt64(4);
            names[oid] = SqlName.Quote(row.GetString(1), row.GetString(2));

            // Only the heap reads a range of blocks without reading all the others.
            var step = row.GetString(5) == "heap" ? Math.Max(rangeBlocks, (blocks + MaxRanges - 1) / MaxRanges) : Math.Max(blocks, 1);
            relations.Add(new PlannedRelation(oid, row.GetFieldValue<uint>(3), step, (int)Math.Max(1, (blocks + step - 1) / step)));
        }

        return ([.. relations.OrderBy(r => r.Oid)], names);
    }

    /// <summary>Whether the relations are those that were planned, with their rows at the places that they had.</summary>
    public static bool IsSame(ImmutableArray<PlannedRelation> planned, ImmutableArray<PlannedRelation> now) =>
        planned.Length == now.Length && planned.Zip(now).All(p => p.First.Oid == p.Second.Oid && p.First.FileNode == p.Second.FileNode);
}
