using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Whether each table can be read, and whether each of its changes names a row.</summary>
internal static class TableChecks
{
    private const string Rights =
        """
        SELECT c.oid, has_schema_privilege(n.oid, 'USAGE'),
               has_table_privilege(c.oid, 'SELECT') OR NOT EXISTS (
                   SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')),
               row_security_active(c.oid)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = ANY(@tables)
        """;

    public static async Task RunAsync(
        NpgsqlConnection connection, SetupRequest request, IReadOnlyList<PublishedTable> tables, Role role, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        foreach (var table in tables) Identity(table.Table, findings);
        if (request.Snapshots) await RightsAsync(connection, tables, role, findings, cancellationToken).ConfigureAwait(false);
    }

    private static void Identity(TableDescription table, List<PostgresFinding> findings)
    {
        var subject = $"table {table.Schema}.{table.Name}";
        void Add(PostgresFindingSeverity severity, string problem, string? fix) => findings.Add(new(severity, subject, problem, fix));

        if (table.Persistence == 'u') Add(PostgresFindingSeverity.Fatal, "it is unlogged: its changes are not in the log", $"ALTER TABLE {table.Sql} SET LOGGED;");
        if (table.IsKeyDeferrable)
        {
            Add(PostgresFindingSeverity.Fatal, "its primary key is deferrable: inside a transaction two rows may have one key, and the order of changes does not tell which stays",
                $"ALTER TABLE {table.Sql} DROP CONSTRAINT …, ADD PRIMARY KEY ({string.Join(", ", table.Key.Select(SqlName.Quote))});");
            return;
        }

        switch (table.Identity)
        {
            case 'n':
                Add(PostgresFindingSeverity.Fatal, "its replica identity is NOTHING: the server refuses its updates and deletes while it is published",
                    $"ALTER TABLE {table.Sql} REPLICA IDENTITY {(table.Key.IsEmpty ? "FULL" : "DEFAULT")};");
                break;
            case 'd' when table.Key.IsEmpty:
                Add(PostgresFindingSeverity.Warning, "it has no primary key and no replica identity: the server refuses its updates and deletes while it is published, and only inserts can be mirrored",
                    $"ALTER TABLE {table.Sql} ADD PRIMARY KEY (…); -- or, with all columns as the key of the target: ALTER TABLE {table.Sql} REPLICA IDENTITY FULL;");
                break;
            case 'i' when !table.Key.SequenceEqual(table.IdentityIndex):
                Add(PostgresFindingSeverity.Warning, "its replica identity is an index that is not the primary key: a delete does not name the primary key and is refused by name",
                    $"ALTER TABLE {table.Sql} REPLICA IDENTITY {(table.Key.IsEmpty ? "FULL" : "DEFAULT")};");
                break;
        }

        if (table.MayLeaveValuesOut && !table.Key.IsEmpty)
        {
            Add(PostgresFindingSeverity.Note, "an update may leave out large values that it does not change: they are looked up in the target", $"ALTER TABLE {table.Sql} REPLICA IDENTITY FULL; -- where that must not be");
        }
    }

    private static async Task RightsAsync(NpgsqlConnection connection, IReadOnlyList<PublishedTable> tables, Role role, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        var named = tables.ToDictionary(t => t.Table.Oid, t => t.Table);
        await using var command = new NpgsqlCommand(Rights, connection) { Parameters = { new("tables", NpgsqlDbType.Array | NpgsqlDbType.Oid) { Value = named.Keys.ToArray() } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var schemas = new HashSet<string>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var table = named[row.GetFieldValue<uint>(0)];
            var subject = $"table {table.Schema}.{table.Name}";
            if (!row.GetBoolean(1) && schemas.Add(table.Schema))
            {
                findings.Add(new(PostgresFindingSeverity.Fatal, $"schema {table.Schema}", $"{role.Name} may not use it", $"GRANT USAGE ON SCHEMA {SqlName.Quote(table.Schema)} TO {SqlName.Quote(role.Name)};"));
            }

            if (!row.GetBoolean(2)) findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"{role.Name} may not read it", $"GRANT SELECT ON {table.Sql} TO {SqlName.Quote(role.Name)};"));
            if (row.GetBoolean(3))
            {
                findings.Add(new(PostgresFindingSeverity.Fatal, subject, $"row security hides rows from {role.Name}: a snapshot would miss them, the stream would not", $"ALTER ROLE {SqlName.Quote(role.Name)} BYPASSRLS;"));
            }
        }
    }
}
