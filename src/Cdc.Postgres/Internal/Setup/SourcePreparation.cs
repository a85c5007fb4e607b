using Cdc.Postgres.Internal.Snapshot;
using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Makes a database ready to be read: checks it, creates what is missing and allowed, and says where reading begins.</summary>
/// <param name="data">Connections for queries.</param>
/// <param name="connectionString">For the connection that creates the slot: it speaks the protocol of replication.</param>
/// <param name="request">What is needed.</param>
internal sealed class SourcePreparation(NpgsqlDataSource data, string connectionString, SetupRequest request)
{
    /// <summary>Prepares a start.</summary>
    /// <param name="entries">What the ledger knows.</param>
    /// <param name="cancellationToken">Abandons the call; a slot may have been created, which the next start uses.</param>
    /// <exception cref="PostgresSourceException">Something is missing, or the log is not the one that was read; the message names the way out.</exception>
    public async Task<PreparedSource> RunAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var server = await ServerIdentity.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var known = SourceHistory.Find(entries, request.Slot);
        if (known is not null && !server.IsStandby) await CompareAsync(connection, known, server, Applied(entries), cancellationToken).ConfigureAwait(false);
        var findings = await Preflight.RunAsync(connection, request, cancellationToken).ConfigureAwait(false);
        Preflight.ThrowIfFatal(findings);
        if (await Publication.FindAsync(connection, request.Publication, cancellationToken).ConfigureAwait(false) is null)
        {
            await Publication.CreateAsync(connection, request.Publication, request.Tables, request.ViaRoot, cancellationToken).ConfigureAwait(false);
        }

        var history = SourceHistory.Of(server);
        var prepared = await SlotAsync(connection, server, known is null, cancellationToken).ConfigureAwait(false);
        return prepared with { Findings = findings, Snapshots = prepared.Snapshots with { Entries = entries, Remember = history == known ? null : history.Entry(request.Slot) } };
    }

    /// <summary>Checks that the log is still the one that is read: after a connection broke, before the next one reads on.</summary>
    /// <param name="known">What it was.</param>
    /// <param name="applied">The position up to which the log is applied; 0 when nothing is.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>What it is now; differs when a standby was promoted that had all of it.</returns>
    /// <exception cref="PostgresSourceException">It is not; the message names the way out.</exception>
    public async Task<SourceHistory> VerifyAsync(SourceHistory known, ulong applied, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var server = await ServerIdentity.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (server.IsStandby) throw new PostgresSourceException("The server is a standby now. The source waits for a primary at its address.", isTransient: true);
        await CompareAsync(connection, known, server, applied, cancellationToken).ConfigureAwait(false);
        return SourceHistory.Of(server);
    }

    private ulong Applied(IReadOnlyList<LedgerEntry> entries) =>
        (ulong)(entries.FirstOrDefault(e => e.Partition.Topic == request.Slot && e.Partition.Partition == 0)?.Partition.Position ?? 0);

    private async Task CompareAsync(NpgsqlConnection connection, SourceHistory known, ServerIdentity server, ulong applied, CancellationToken cancellationToken)
    {
        var slot = await ServerSlot.FindAsync(connection, request.Slot, cancellationToken).ConfigureAwait(false);
        var timelines = known.System == server.System && known.Timeline != server.Timeline
            ? await TimelineHistory.ReadAsync(connectionString, server.Timeline, cancellationToken).ConfigureAwait(false)
            : TimelineHistory.Parse("");
        Preflight.ThrowIfFatal([.. known.Compare(request.Slot, server, slot, applied, timelines)]);
    }

    private async Task<PreparedSource> SlotAsync(NpgsqlConnection connection, ServerIdentity server, bool isFirst, CancellationToken cancellationToken)
    {
        var slot = await ServerSlot.FindAsync(connection, request.Slot, cancellationToken).ConfigureAwait(false);
        if (slot is null)
        {
            var replication = new LogicalReplicationConnection(connectionString);
            try
            {
                await replication.Open(cancellationToken).ConfigureAwait(false);

                // The slot's creation waits for every transaction that runs, however long.
                replication.CommandTimeout = Timeout.InfiniteTimeSpan;
                var failover = request.Failover && connection.PostgreSqlVersion.Major >= 17;
                var (point, exported) = await ServerSlot.CreateAsync(replication, request.Slot, failover, cancellationToken).ConfigureAwait(false);
                return new PreparedSource(server, point, new SnapshotStart { IsFirst = isFirst && request.Snapshots, Position = point, Exported = exported, Exporter = replication });
            }
            catch
            {
                await replication.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        var position = slot.Confirmed ?? server.Position;
        if (isFirst && request.Snapshots && slot.ActiveProcess is null) position = await AdvanceAsync(connection, cancellationToken).ConfigureAwait(false);
        return new PreparedSource(server, position, new SnapshotStart { IsFirst = isFirst && request.Snapshots, Position = position });
    }

    // What lies before it is in the snapshot; and changes older than the publication could not be sent.
    private async Task<ulong> AdvanceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT end_lsn FROM pg_replication_slot_advance(@slot, pg_current_wal_lsn())", connection) { Parameters = { new("slot", request.Slot) } };
        return (ulong)(NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}

/// <summary>A database that is ready.</summary>
/// <param name="Server">Which log it is.</param>
/// <param name="Position">Every transaction that committed at or after it is streamed by the slot.</param>
/// <param name="Snapshots">Where snapshots begin.</param>
internal sealed record PreparedSource(ServerIdentity Server, ulong Position, SnapshotStart Snapshots)
{
    /// <summary>What the check found, none of it fatal.</summary>
    public IReadOnlyList<PostgresFinding> Findings { get; init; } = [];

    public SourceHistory History => SourceHistory.Of(Server);
}
