using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>A publication as the catalog describes it.</summary>
internal sealed record Publication(string Name, string Owner, bool IsAllTables, bool Inserts, bool Updates, bool Deletes, bool Truncates, bool IsViaRoot)
{
    /// <summary>Looks a publication up.</summary>
    /// <returns>The publication, or null when there is none.</returns>
    public static async Task<Publication?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication WHERE pubname = @name", connection)
        { Parameters = { new("name", name) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new Publication(name, row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6))
            : null;
    }

    /// <summary>The statement that creates a publication.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tables">Its tables; none for all tables of the database.</param>
    /// <param name="viaRoot">Whether changes of partitions come as changes of their root.</param>
    public static string CreateSql(string name, IReadOnlyCollection<TableId> tables, bool viaRoot) =>
        $"CREATE PUBLICATION {SqlName.Quote(name)} {(tables.Count == 0 ? "FOR ALL TABLES" : $"FOR TABLE {string.Join(", ", tables.Select(t => SqlName.Quote(t.Schema, t.Name)))}")}"
        + (viaRoot ? " WITH (publish_via_partition_root = true)" : "");

    /// <summary>Creates a publication, before its slot: the server refuses changes that are older than the publication.</summary>
    public static async Task CreateAsync(NpgsqlConnection connection, string name, IReadOnlyCollection<TableId> tables, bool viaRoot, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CreateSql(name, tables, viaRoot), connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tables that a publication sends, with the columns and rows of each.</summary>
    public static async Task<IReadOnlyList<PublishedTable>> TablesAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        // Column lists and row filters came with 15; before it, all but generated columns are published.
        var isOld = connection.PostgreSqlVersion.Major < 15;

        // Until 17 the view lists generated columns too, which are never sent.
        var sendsGenerated = connection.PostgreSqlVersion.Major >= 18;
        var sql = $"""
            SELECT c.oid, {(isOld ? "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')" : "t.attnames::text[]")},
                   {(isOld ? "NULL" : "t.rowfilter")}
            FROM pg_publication_tables t
            JOIN pg_namespace n ON n.nspname = t.schemaname
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
            WHERE t.pubname = @name
            """;
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new("name", name) } };
        var published = new Dictionary<uint, (string[] Columns, string? Filter)>();
        await using (var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                published[row.GetFieldValue<uint>(0)] = (row.IsDBNull(1) ? [] : row.GetFieldValue<string[]>(1), row.IsDBNull(2) ? null : row.GetString(2));
            }
        }

        var tables = await CatalogQuery.TablesAsync(connection, published.Keys, cancellationToken).ConfigureAwait(false);
        return [.. tables.Select(t => new PublishedTable(t, [.. t.Columns.Where(c => (sendsGenerated || c.Generated == '\0') && published[t.Oid].Columns.Contains(c.Name))], published[t.Oid].Filter))];
    }
}

/// <summary>A table of a publication.</summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">The columns that are sent, in the table's order.</param>
/// <param name="RowFilter">The condition on the rows that are sent, as SQL; null for all rows.</param>
internal sealed record PublishedTable(TableDescription Table, IReadOnlyList<ColumnDescription> Columns, string? RowFilter)
{
    /// <summary>The Relation message with which its snapshot begins.</summary>
    public byte[] Relation { get; init; } = [];

    /// <summary>The columns whose text its snapshot asks for: their binary form is not read here.</summary>
    public IReadOnlySet<string> AsText { get; init; } = new HashSet<string>();
}
