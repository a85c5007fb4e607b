using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Reads tables and types from the catalog. Nothing is kept; a call is a few queries.</summary>
internal static class CatalogQuery
{
    // Functions that open a table would wait for whoever rewrites it: only the catalog's own rows are read.
    private const string Tables =
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
               coalesce(k.condeferrable, false),
               leaves.oids, leaves.rows,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.at),
               ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num
                      WHERE i.indrelid = c.oid AND i.indisreplident AND c.relreplident = 'i' ORDER BY u.at)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        CROSS JOIN LATERAL (
            WITH RECURSIVE tree(oid) AS (
                SELECT c.oid
                UNION ALL
                SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid WHERE c.relkind = 'p')
            SELECT coalesce(array_agg(l.oid ORDER BY l.oid) FILTER (WHERE c.relkind = 'p'), '{}'), (CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END)::float8
            FROM tree t JOIN pg_class l ON l.oid = t.oid WHERE l.relkind IN ('r', 'f')) leaves(oids, rows)
        WHERE c.oid = ANY(@tables) AND c.relkind IN ('r', 'p')
        ORDER BY n.nspname, c.relname
        """;

    private const string Columns =
        """
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod),
               a.attnotnull OR t.typtype = 'd' AND t.typnotnull, a.attgenerated, a.attlen = -1 AND a.attstorage <> 'p'
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = ANY(@tables) AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """;

    // An array's typelem is its element; name, point and their like have one too, so only typsubscript tells the true arrays.
    private const string Types =
        """
        WITH RECURSIVE wanted(oid) AS (
            SELECT unnest(@types)
            UNION
            SELECT x.oid FROM wanted w
            JOIN pg_type t ON t.oid = w.oid,
            LATERAL (VALUES (CASE WHEN t.typcategory = 'A' AND t.typtype = 'b' THEN t.typelem ELSE 0 END), (t.typbasetype)) x(oid)
            WHERE x.oid <> 0)
        SELECT t.oid, n.nspname, t.typname, t.typtype, CASE WHEN t.typcategory = 'A' AND t.typtype = 'b' THEN t.typelem ELSE 0 END, t.typbasetype, t.typtypmod,
               ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
               t.typsend <> 0
        FROM pg_type t
        JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE t.oid IN (SELECT w.oid FROM wanted w)
        """;

    /// <summary>The tables that still exist among those asked for, by schema and name.</summary>
    public static async Task<IReadOnlyList<TableDescription>> TablesAsync(NpgsqlConnection connection, IReadOnlyCollection<uint> tables, CancellationToken cancellationToken)
    {
        if (tables.Count == 0) return [];
        var columns = await ColumnsAsync(connection, tables, cancellationToken).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(Tables, connection) { Parameters = { Oids("tables", tables) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var result = new List<TableDescription>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var oid = row.GetFieldValue<uint>(0);
            result.Add(new TableDescription(oid, row.GetString(1), row.GetString(2), [.. columns[oid]])
            {
                Kind = row.GetChar(3),
                Persistence = row.GetChar(4),
                Identity = row.GetChar(5),
                IsKeyDeferrable = row.GetBoolean(6),
                Leaves = [.. row.GetFieldValue<uint[]>(7)],
                EstimatedRows = row.IsDBNull(8) ? 0 : row.GetDouble(8),
                Key = [.. row.GetFieldValue<string[]>(9)],
                IdentityIndex = [.. row.GetFieldValue<string[]>(10)],
            });
        }

        return result;
    }

    /// <summary>The types asked for and all types they are made of, by their oid.</summary>
    public static async Task<IReadOnlyDictionary<uint, TypeDescription>> TypesAsync(NpgsqlConnection connection, IReadOnlyCollection<uint> types, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Types, connection) { Parameters = { Oids("types", types) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var result = new Dictionary<uint, TypeDescription>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var oid = row.GetFieldValue<uint>(0);
            result[oid] = new TypeDescription(
                oid, row.GetString(1), row.GetString(2), row.GetChar(3), row.GetFieldValue<uint>(4), row.GetFieldValue<uint>(5), row.GetInt32(6), [.. row.GetFieldValue<string[]>(7)])
            {
                HasBinaryOutput = row.GetBoolean(8),
            };
        }

        return result;
    }

    private static async Task<ILookup<uint, ColumnDescription>> ColumnsAsync(NpgsqlConnection connection, IReadOnlyCollection<uint> tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Columns, connection) { Parameters = { Oids("tables", tables) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var result = new List<(uint Table, ColumnDescription Column)>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var column = new ColumnDescription(
                row.GetInt16(1), row.GetString(2), row.GetFieldValue<uint>(3), row.GetInt32(4), row.GetString(5), row.GetBoolean(6), Letter(row, 7), row.GetBoolean(8));
            result.Add((row.GetFieldValue<uint>(0), column));
        }

        return result.ToLookup(c => c.Table, c => c.Column);
    }

    // The "char" type's empty value arrives as an empty string.
    private static char Letter(NpgsqlDataReader row, int column) => row.GetChar(column);

    private static NpgsqlParameter Oids(string name, IReadOnlyCollection<uint> oids) => new(name, NpgsqlDbType.Array | NpgsqlDbType.Oid) { Value = oids.ToArray() };
}
