using System.Globalization;
using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>What the server's version and settings allow.</summary>
internal static class ServerChecks
{
    private const string Query =
        """
        SELECT current_setting('wal_level'), pg_is_in_recovery(),
               current_setting('max_replication_slots')::int, (SELECT count(*)::int FROM pg_replication_slots),
               current_setting('max_wal_senders')::int, (SELECT count(*)::int FROM pg_stat_replication),
               (SELECT setting::int8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
               coalesce((SELECT setting::int8 FROM pg_settings WHERE name = 'idle_replication_slot_timeout'), 0),
               (SELECT string_agg(slot_name, ', ') FROM pg_replication_slots WHERE NOT active AND slot_type = 'logical'),
               (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database())
        """;

    public static async Task RunAsync(NpgsqlConnection connection, ServerSlot? slot, List<PostgresFinding> findings, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < 14)
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, "server", $"it is PostgreSQL {connection.PostgreSqlVersion}; 14 or later is needed", "upgrade the server"));
        }

        await using var command = new NpgsqlCommand(Query, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (row.GetString(0) != "logical")
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, "wal_level", $"it is {row.GetString(0)}; the log carries no changes of rows", "ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server"));
        }

        if (row.GetBoolean(1))
        {
            findings.Add(new(PostgresFindingSeverity.Fatal, "server", "it is a standby: publications, slots' snapshots and marks need the primary", "connect to the primary (Target Session Attributes=primary with all hosts in the connection string)"));
        }

        if (row.GetString(9) == "SQL_ASCII")
        {
            findings.Add(new(PostgresFindingSeverity.Warning, $"database {connection.Database}", "its encoding is SQL_ASCII: the server takes and sends any bytes as text, and what is not UTF-8 is none here", "move it to a database whose ENCODING is 'UTF8', or make sure that every client writes UTF-8"));
        }

        var unused = row.IsDBNull(8) ? "" : $" -- or drop a slot that nobody reads: {row.GetString(8)}";
        if (slot is null) Left(findings, "max_replication_slots", row.GetInt32(2), row.GetInt32(3), unused);
        if (slot?.ActiveProcess is null) Left(findings, "max_wal_senders", row.GetInt32(4), row.GetInt32(5), "");

        var megabytes = row.GetInt64(6);
        findings.Add(megabytes < 0
            ? new(PostgresFindingSeverity.Warning, "max_slot_wal_keep_size", "it is unlimited: a pipeline that stands still lets the server's log grow until the disk is full", "ALTER SYSTEM SET max_slot_wal_keep_size = '100GB'; SELECT pg_reload_conf(); -- what the disk can spare; watch the retained log too")
            : new(PostgresFindingSeverity.Note, "max_slot_wal_keep_size", string.Create(CultureInfo.InvariantCulture, $"it is {megabytes} MB: a pipeline that stands still while more log is written loses its slot and every table is read anew")));
        if (row.GetInt64(7) > 0)
        {
            findings.Add(new(PostgresFindingSeverity.Warning, "idle_replication_slot_timeout", string.Create(CultureInfo.InvariantCulture, $"a slot that nobody reads for {row.GetInt64(7)} is lost"), "ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();"));
        }
    }

    private static void Left(List<PostgresFinding> findings, string setting, int limit, int used, string also)
    {
        if (used < limit) return;
        findings.Add(new(
            PostgresFindingSeverity.Fatal, setting, string.Create(CultureInfo.InvariantCulture, $"all {limit} are in use"),
            string.Create(CultureInfo.InvariantCulture, $"ALTER SYSTEM SET {setting} = {limit + 4}; -- then restart the server{also}")));
    }
}
