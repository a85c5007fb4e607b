using System.Text;
using Cdc.Postgres.Internal.Protocol;
using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Internal.Values;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>
/// Adds to Relation messages what the catalog knows of their tables. The message is of the time of its changes and the catalog of now:
/// what both have follows the message, and a column or a key that is gone meanwhile is told as far as the message tells it.
/// </summary>
internal static class RelationDescriber
{
    private const string Missing =
        "SELECT attrelid, attname, (attmissingval::text::text[])[1] FROM pg_attribute WHERE attrelid = ANY(@tables) AND attmissingval IS NOT NULL";

    /// <summary>Describes a relation of the stream.</summary>
    public static async Task<byte[]> DescribeAsync(NpgsqlConnection connection, Relation bare, CancellationToken cancellationToken) =>
        (await DescribeAllAsync(connection, [bare], cancellationToken).ConfigureAwait(false))[0].Write();

    /// <summary>Describes a published table as the stream would, for its snapshot.</summary>
    /// <returns>The message, and the columns whose text the snapshot asks for.</returns>
    public static async Task<(byte[] Message, IReadOnlySet<string> AsText)> DescribeAsync(NpgsqlConnection connection, PublishedTable published, CancellationToken cancellationToken)
    {
        var table = published.Table;
        var columns = published.Columns.Select(c => new RelationColumn(c.Name, IsIdentity(table, c.Name), c.Type, c.TypeModifier)).ToArray();
        var described = (await DescribeAllAsync(connection, [new Relation(table.Oid, table.Schema, table.Name, table.Identity, columns)], cancellationToken).ConfigureAwait(false))[0];
        return (described.Write(), described.Columns.Where(c => !PgTypes.ReadsBinary(PgTypes.Of(in c))).Select(c => c.Name).ToHashSet());
    }

    private static bool IsIdentity(TableDescription table, string column) => table.Identity switch
    {
        'f' => true,
        'd' => table.Key.Contains(column),
        'i' => table.IdentityIndex.Contains(column),
        _ => false,
    };

    private static async Task<IReadOnlyList<Relation>> DescribeAllAsync(NpgsqlConnection connection, IReadOnlyList<Relation> relations, CancellationToken cancellationToken)
    {
        var oids = relations.Select(r => r.Oid).ToList();
        var tables = (await CatalogQuery.TablesAsync(connection, oids, cancellationToken).ConfigureAwait(false)).ToDictionary(t => t.Oid);
        var types = await CatalogQuery.TypesAsync(connection, [.. relations.SelectMany(r => r.Columns).Select(c => c.Type).Distinct()], cancellationToken).ConfigureAwait(false);
        var missing = await MissingAsync(connection, oids, cancellationToken).ConfigureAwait(false);
        return [.. relations.Select(r => Describe(r, tables.GetValueOrDefault(r.Oid), types, missing, connection.Database))];
    }

    private static Relation Describe(Relation bare, TableDescription? table, IReadOnlyDictionary<uint, TypeDescription> types, Dictionary<(uint, string), string> missing, string database)
    {
        var columns = bare.Columns.ToArray();
        for (var i = 0; i < columns.Length; i++)
        {
            ref var column = ref columns[i];
            var name = column.Name;
            var now = table?.Columns.FirstOrDefault(c => c.Name == name && c.Type == bare.Columns[i].Type);
            column.IsNotNull = now?.IsNotNull ?? (bare.Identity is 'd' or 'i' && column.IsIdentity);
            column.TypeName = now?.TypeName ?? types.GetValueOrDefault(column.Type)?.Name ?? "";
            SetType(ref column, types);
            if (now is not null && missing.TryGetValue((bare.Oid, name), out var text)) column.Missing = Encoding.UTF8.GetBytes(text);
        }

        return bare with { Database = database, Columns = columns, Key = KeyOf(bare, table) };
    }

    private static void SetType(ref RelationColumn column, IReadOnlyDictionary<uint, TypeDescription> types)
    {
        column.Modifier = column.TypeModifier;
        column.IsArray = false;
        var oid = column.Type;
        while (types.TryGetValue(oid, out var type))
        {
            if (type.Kind == 'd')
            {
                if (column.Modifier < 0) column.Modifier = type.BaseModifier;
                oid = type.Base;
                continue;
            }

            if (type.Element != 0 && !column.IsArray)
            {
                column.IsArray = true;
                oid = type.Element;
                continue;
            }

            column.BaseName = type.Name;
            column.Kind = type.Kind;
            column.Labels = type.Labels.IsEmpty ? null : string.Join(',', type.Labels);
            return;
        }

        // A type that was dropped meanwhile: built in, or text.
        (column.BaseName, column.IsArray) = BuiltInTypes.Find(oid);
    }

    /// <summary>The primary key as the message tells it, in the order of the catalog; without one the index of the replica identity.</summary>
    private static int[] KeyOf(Relation bare, TableDescription? table)
    {
        var identity = bare.Columns.Where(c => c.IsIdentity).Select(c => c.Name).ToHashSet();
        var key = table?.Key is { IsEmpty: false } primary ? primary.ToArray() : bare.Identity is 'd' or 'i' ? bare.Columns.Where(c => c.IsIdentity).Select(c => c.Name).ToArray() : [];
        if (bare.Identity == 'd' && !identity.SetEquals(key)) key = [.. bare.Columns.Where(c => c.IsIdentity).Select(c => c.Name)];
        var positions = key.Select(k => Array.FindIndex(bare.Columns, c => c.Name == k)).ToArray();
        return positions.Contains(-1) ? [] : positions;
    }

    // What rows that are older than the column have, without being rewritten.
    private static async Task<Dictionary<(uint, string), string>> MissingAsync(NpgsqlConnection connection, List<uint> tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Missing, connection) { Parameters = { new("tables", NpgsqlDbType.Array | NpgsqlDbType.Oid) { Value = tables.ToArray() } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var result = new Dictionary<(uint, string), string>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!row.IsDBNull(2)) result[(row.GetFieldValue<uint>(0), row.GetString(1))] = row.GetString(2);
        }

        return result;
    }
}
