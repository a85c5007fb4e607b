using System.Collections.Immutable;
using System.Text.Json;
using Cdc.TestSupport;

namespace Cdc.Postgres.Tests.Mirror;

/// <summary>What a database holds, read from it as text.</summary>
internal static class SourceTruth
{
    private const string Tables =
        """
        SELECT json_build_object('schema', n.nspname, 'name', c.relname,
            'columns', (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated) ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
            'key', coalesce((SELECT json_agg(a.attname ORDER BY u.at) FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attnum = u.num WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attrelid = c.oid), '[]'))::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
        """;

    public static async Task<List<TruthTable>> ReadAsync(DatabaseServer server)
    {
        var tables = new List<TruthTable>();
        foreach (var line in await server.LinesAsync(Tables))
        {
            using var json = JsonDocument.Parse(line);
            var table = json.RootElement;
            var (schema, name) = (table.GetProperty("schema").GetString()!, table.GetProperty("name").GetString()!);

            // Generated columns are not in the stream before PostgreSQL 18.
            var columns = table.GetProperty("columns").EnumerateArray().Where(c => c[3].GetString() == "").Select(c => new TruthColumn(c[0].GetString()!, c[1].GetString()!, c[2].GetBoolean())).ToImmutableArray();
            var rows = await server.LinesAsync($"SELECT to_json(ARRAY[{string.Join(", ", columns.Select(c => $"{Quote(c.Name)}::text"))}]::text[])::text FROM {Quote(schema)}.{Quote(name)}");
            tables.Add(new TruthTable(schema, name, columns, [.. table.GetProperty("key").EnumerateArray().Select(k => k.GetString()!)], [.. rows.Select(r => JsonSerializer.Deserialize<ImmutableArray<string?>>(r))]));
        }

        return tables;
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
}
