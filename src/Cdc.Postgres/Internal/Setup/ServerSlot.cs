using System.Globalization;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>A replication slot as the server describes it now.</summary>
internal sealed record ServerSlot(string Name)
{
    // Columns came with the years: by name out of JSON, one query serves 14 to 18.
    private const string Query =
        """
        SELECT s.j->>'plugin', s.j->>'database', s.j->>'temporary', s.j->>'active_pid', s.j->>'restart_lsn', s.j->>'confirmed_flush_lsn', s.j->>'wal_status',
               s.j->>'safe_wal_size', s.j->>'two_phase', s.j->>'failover', s.j->>'synced', s.j->>'invalidation_reason',
               pg_wal_lsn_diff(e.lsn, (s.j->>'restart_lsn')::pg_lsn)::int8, pg_wal_lsn_diff(e.lsn, (s.j->>'confirmed_flush_lsn')::pg_lsn)::int8
        FROM (SELECT to_jsonb(r) FROM pg_replication_slots r WHERE r.slot_name = @name) s(j),
             (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END) e(lsn)
        """;

    public required string? Plugin { get; init; }

    public required string? Database { get; init; }

    public required bool IsTemporary { get; init; }

    /// <summary>The process that reads from it, or null.</summary>
    public required int? ActiveProcess { get; init; }

    /// <summary>The first position whose log it retains; null once it is lost.</summary>
    public required ulong? Restart { get; init; }

    /// <summary>The position up to which its consumer confirmed everything.</summary>
    public required ulong? Confirmed { get; init; }

    /// <summary>wal_status: <c>reserved</c>, <c>extended</c>, <c>unreserved</c>, <c>lost</c>; null for a slot that never retained.</summary>
    public required string? WalStatus { get; init; }

    /// <summary>Bytes that may still be written before it is in danger of being lost; null without a limit.</summary>
    public required long? SafeBytes { get; init; }

    public required bool IsTwoPhase { get; init; }

    /// <summary>Whether it is kept on standbys too; false before PostgreSQL 17.</summary>
    public required bool IsFailover { get; init; }

    /// <summary>Whether it was copied from a primary: it stays so after the standby is promoted.</summary>
    public required bool IsSynced { get; init; }

    /// <summary>Why it is lost, as PostgreSQL 17 and later tell.</summary>
    public required string? InvalidationReason { get; init; }

    /// <summary>Bytes of log that the server keeps for it.</summary>
    public required long RetainedBytes { get; init; }

    /// <summary>Bytes of log behind the confirmed position.</summary>
    public required long UnconfirmedBytes { get; init; }

    public bool IsLost => WalStatus == "lost" || InvalidationReason is not null;

    /// <summary>Looks a slot up.</summary>
    /// <returns>The slot, or null when there is none.</returns>
    public static async Task<ServerSlot?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection) { Parameters = { new("name", name) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false)) return null;
        return new ServerSlot(name)
        {
            Plugin = Text(row, 0),
            Database = Text(row, 1),
            IsTemporary = Text(row, 2) == "true",
            ActiveProcess = Text(row, 3) is { } process ? int.Parse(process, CultureInfo.InvariantCulture) : null,
            Restart = Text(row, 4) is { } restart ? (ulong)NpgsqlLogSequenceNumber.Parse(restart) : null,
            Confirmed = Text(row, 5) is { } confirmed ? (ulong)NpgsqlLogSequenceNumber.Parse(confirmed) : null,
            WalStatus = Text(row, 6),
            SafeBytes = Text(row, 7) is { } safe ? long.Parse(safe, CultureInfo.InvariantCulture) : null,
            IsTwoPhase = Text(row, 8) == "true",
            IsFailover = Text(row, 9) == "true",
            IsSynced = Text(row, 10) == "true",
            InvalidationReason = Text(row, 11),
            RetainedBytes = row.IsDBNull(12) ? 0 : Math.Max(0, row.GetInt64(12)),
            UnconfirmedBytes = row.IsDBNull(13) ? 0 : Math.Max(0, row.GetInt64(13)),
        };
    }

    /// <summary>Creates a slot and exports the snapshot of its consistent point.</summary>
    /// <param name="connection">Keeps the exported snapshot until its next command or its end.</param>
    /// <param name="name">The slot's name, which must be one (<see cref="IsName"/>).</param>
    /// <param name="failover">Whether standbys keep it too; PostgreSQL 17 and later.</param>
    /// <param name="cancellationToken">Abandons the call, which waits for the transactions that run.</param>
    /// <returns>The consistent point, and the snapshot's name for <c>SET TRANSACTION SNAPSHOT</c>.</returns>
    public static async Task<(ulong ConsistentPoint, string Snapshot)> CreateAsync(LogicalReplicationConnection connection, string name, bool failover, CancellationToken cancellationToken)
    {
        if (!IsName(name)) throw new ArgumentException("A slot's name has 1 to 63 of the letters a to z, digits and _.", nameof(name));

        // Npgsql has no word for FAILOVER; it puts the plugin and what follows it into the command as they are.
        var created = failover
            ? await connection.CreateLogicalReplicationSlot(name, "pgoutput (SNAPSHOT 'export', FAILOVER true)", cancellationToken: cancellationToken).ConfigureAwait(false)
            : await connection.CreateLogicalReplicationSlot(name, "pgoutput", slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken).ConfigureAwait(false);
        return ((ulong)created.ConsistentPoint, new PgOutputReplicationSlot(created).SnapshotName ?? throw new InvalidOperationException("The server exported no snapshot."));
    }

    public static bool IsName(string name) => name.Length is >= 1 and <= 63 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
