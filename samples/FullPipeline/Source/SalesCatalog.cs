using System.Text;
using Cdc;
using Cdc.Debezium;
using Npgsql;

namespace FullPipeline;

/// <summary>The columns of the sales tables as PostgreSQL declares them: what a message without its schema does not say.</summary>
internal static class SalesCatalog
{
    private const string Tables = """
        SELECT json_build_object('schema', n.nspname, 'table', c.relname,
          'columns', (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notnull', a.attnotnull) ORDER BY a.attnum)
                      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
          'key', (SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                  WHERE i.indrelid = c.oid AND i.indisprimary))::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'franco' AND c.relkind = 'r'
        """;

    public static async Task<SourceCatalog> ReadAsync(NpgsqlDataSource data, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand(Tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new StringBuilder();
        while (await reader.ReadAsync(cancellationToken)) lines.AppendLine(reader.GetString(0));
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(lines.ToString()));
        return SourceCatalogFile.Read(file);
    }
}
