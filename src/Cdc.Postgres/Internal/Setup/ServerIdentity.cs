using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Which log it is that positions belong to, and how far it is.</summary>
/// <param name="System">The cluster's identifier, drawn when it was created.</param>
/// <param name="Timeline">The line of the log: a promotion or a recovery to a point in time begins a new one.</param>
/// <param name="Database">The database's oid.</param>
/// <param name="Position">The end of the log.</param>
/// <param name="IsStandby">Whether the server only follows another.</param>
internal sealed record ServerIdentity(string System, uint Timeline, uint Database, ulong Position, bool IsStandby)
{
    // The name of the file that is written tells the timeline at once; pg_control only after the next checkpoint.
    private const string Query =
        """
        SELECT (SELECT system_identifier::text FROM pg_control_system()),
               CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id::text FROM pg_control_checkpoint()) ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
               (SELECT oid FROM pg_database WHERE datname = current_database()),
               (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text,
               pg_is_in_recovery()
        """;

    public static async Task<ServerIdentity> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        var isStandby = row.GetBoolean(4);
        var timeline = uint.Parse(row.GetString(1), isStandby ? NumberStyles.None : NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return new ServerIdentity(row.GetString(0), timeline, row.GetFieldValue<uint>(2), (ulong)NpgsqlLogSequenceNumber.Parse(row.GetString(3)), isStandby);
    }
}
