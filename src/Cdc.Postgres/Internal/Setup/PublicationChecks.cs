using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Whether the publication sends what is needed, or can be created.</summary>
internal static class PublicationChecks
{
    public static async Task RunAsync(
        NpgsqlConnection connection, SetupRequest request, Publication? publication, Role role, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        var subject = $"publication {request.Publication}";
        var quoted = SqlName.Quote(request.Publication);
        var missing = await MissingAsync(connection, request, cancellationToken).ConfigureAwait(false);
        foreach (var table in missing) findings.Add(new(PostgresFindingSeverity.Fatal, $"table {table}", "there is none of this name", "create it, or take it out of the options; names are case-sensitive"));
        if (publication is null)
        {
            var wanted = request.Tables.Except(missing).ToList();
            var sql = Publication.CreateSql(request.Publication, wanted, request.ViaRoot) + ";";
            if (!request.CreatePublication) findings.Add(new(PostgresFindingSeverity.Fatal, subject, "there is none, and the options forbid creating it", sql));
            else await CreatableAsync(connection, request, role, subject, sql, findings, cancellationToken).ConfigureAwait(false);
            return;
        }

        var kinds = new[] { (publication.Inserts, "insert"), (publication.Updates, "update"), (publication.Deletes, "delete") }.Where(k => !k.Item1).Select(k => k.Item2).ToList();
        if (kinds.Count > 0 && request.IsForTarget)
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"it does not send every {string.Join(" and ", kinds)}: the target would not equal the source", $"ALTER PUBLICATION {quoted} SET (publish = 'insert, update, delete, truncate');"));
        }

        if (!publication.Truncates)
        {
            findings.Add(new(PostgresFindingSeverity.Warning, subject, "it does not send truncates: after one the target keeps the rows", $"ALTER PUBLICATION {quoted} SET (publish = 'insert, update, delete, truncate');"));
        }

        var published = await Publication.TablesAsync(connection, request.Publication, cancellationToken).ConfigureAwait(false);
        var absent = request.Tables.Except(missing).Where(t => !published.Any(p => p.Table.Schema == t.Schema && p.Table.Name == t.Name)).ToList();
        if (absent.Count > 0)
        {
            var owner = publication.Owner == role.Name || role.IsSuper ? "" : $" -- as {publication.Owner}, who owns it";
            findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"it does not send {string.Join(", ", absent)}", $"ALTER PUBLICATION {quoted} ADD TABLE {string.Join(", ", absent.Select(t => SqlName.Quote(t.Schema, t.Name)))};{owner}"));
        }

        if (published.Count == 0) findings.Add(new(PostgresFindingSeverity.Warning, subject, "it has no tables", $"ALTER PUBLICATION {quoted} ADD TABLE …;"));
        if (publication.IsAllTables) await UnloggedAsync(connection, findings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tables that a publication would have that is created.</summary>
    public static async Task<IReadOnlyList<PublishedTable>> WantedAsync(NpgsqlConnection connection, SetupRequest request, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT c.oid FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE CASE WHEN cardinality(@names) > 0 THEN (n.nspname || '.' || c.relname) = ANY(@names)
                       ELSE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' END
            """, connection)
        { Parameters = { new("names", request.Tables.Select(t => $"{t.Schema}.{t.Name}").ToArray()) } };
        var oids = new List<uint>();
        await using (var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false)) oids.Add(row.GetFieldValue<uint>(0));
        }

        var tables = await CatalogQuery.TablesAsync(connection, oids, cancellationToken).ConfigureAwait(false);
        return [.. tables.Select(t => new PublishedTable(t, [.. t.Columns.Where(c => c.Generated == '\0')], null))];
    }

    private static async Task<IReadOnlyList<TableId>> MissingAsync(NpgsqlConnection connection, SetupRequest request, CancellationToken cancellationToken)
    {
        if (request.Tables.Count == 0) return [];
        var found = await WantedAsync(connection, request, cancellationToken).ConfigureAwait(false);
        return [.. request.Tables.Where(t => !found.Any(f => f.Table.Schema == t.Schema && f.Table.Name == t.Name))];
    }

    private static async Task CreatableAsync(
        NpgsqlConnection connection, SetupRequest request, Role role, string subject, string sql, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        if (role.IsSuper) return;
        if (request.Tables.Count == 0)
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"only a superuser may create one for all tables, and {role.Name} is none", sql + " -- as a superuser, or name the tables in the options"));
            return;
        }

        if (!role.MayCreate)
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"{role.Name} may not create it", $"GRANT CREATE ON DATABASE {SqlName.Quote(connection.Database)} TO {SqlName.Quote(role.Name)};"));
        }

        await using var command = new NpgsqlCommand(
            """
            SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE (n.nspname || '.' || c.relname) = ANY(@names) AND NOT pg_has_role(c.relowner, 'USAGE')
            """, connection)
        { Parameters = { new("names", request.Tables.Select(t => $"{t.Schema}.{t.Name}").ToArray()) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"{role.Name} does not own {row.GetString(0)}.{row.GetString(1)} and so may not publish it", $"GRANT {SqlName.Quote(row.GetString(2))} TO {SqlName.Quote(role.Name)}; -- or as {row.GetString(2)}: {sql}"));
        }
    }

    private static async Task UnloggedAsync(NpgsqlConnection connection, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'u'", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            findings.Add(new(
                PostgresFindingSeverity.Warning, $"table {row.GetString(0)}.{row.GetString(1)}", "it is unlogged: its changes are not in the log and it is not sent",
                $"ALTER TABLE {SqlName.Quote(row.GetString(0), row.GetString(1))} SET LOGGED;"));
        }
    }
}
