using System.Data;
using Cdc.Postgres.Internal.Setup;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// One state of the database for several connections: a transaction that stays open, holds the tables against being rewritten
/// (ACCESS SHARE, which no reader or writer waits for) and exports what it sees.
/// </summary>
internal sealed class SnapshotSession : IAsyncDisposable
{
    private readonly NpgsqlDataSource data;
    private readonly NpgsqlConnection keeper;
    private readonly NpgsqlTransaction transaction;
    private string name = "";

    private SnapshotSession(NpgsqlDataSource data, NpgsqlConnection keeper, NpgsqlTransaction transaction)
    {
        this.data = data;
        this.keeper = keeper;
        this.transaction = transaction;
    }

    /// <summary>What it sees.</summary>
    public TransactionSnapshot Snapshot { get; private set; } = TransactionSnapshot.Below(0);

    /// <summary>The transaction that is kept open, for queries.</summary>
    public NpgsqlConnection Connection => keeper;

    /// <summary>Takes over a snapshot that another transaction or a new slot exported.</summary>
    /// <returns>The session, and whether each table still has the file that the snapshot knows: a rewritten one looks empty to it.</returns>
    public static async Task<(SnapshotSession Session, bool IsUsable)> AdoptAsync(NpgsqlDataSource data, string exported, IReadOnlyCollection<TableDescription> tables, CancellationToken cancellationToken)
    {
        var session = await BeginAsync(data, cancellationToken).ConfigureAwait(false);
        try
        {
            await session.RunAsync($"SET TRANSACTION SNAPSHOT {SqlName.Text(exported)}", cancellationToken).ConfigureAwait(false);
            await session.LockAsync(tables, cancellationToken).ConfigureAwait(false);
            await session.ExportAsync(cancellationToken).ConfigureAwait(false);
            return (session, await session.HasFilesAsync(tables, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a snapshot of now. The tables are held first, so that it knows their files.</summary>
    public static async Task<SnapshotSession> OpenAsync(NpgsqlDataSource data, IReadOnlyCollection<TableDescription> tables, CancellationToken cancellationToken)
    {
        // Whoever draws an id and ends lifts the next snapshot's xmax above every transaction that began before.
        await DrawIdAsync(data, cancellationToken).ConfigureAwait(false);
        var session = await BeginAsync(data, cancellationToken).ConfigureAwait(false);
        try
        {
            await session.LockAsync(tables, cancellationToken).ConfigureAwait(false);
            await session.ExportAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Draws a transaction id: every transaction that began before has a smaller one.</summary>
    public static async Task<ulong> DrawIdAsync(NpgsqlDataSource data, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand("SELECT pg_current_xact_id()::text");
        return ulong.Parse((string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>What a transaction that began now would see.</summary>
    public static async Task<TransactionSnapshot> LookAsync(NpgsqlDataSource data, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand("SELECT pg_current_snapshot()::text");
        return TransactionSnapshot.Parse((string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!);
    }

    /// <summary>Opens a connection whose transaction sees the same.</summary>
    public async Task<NpgsqlConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The pool rolls it back when the connection is closed.
            await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand($"SET TRANSACTION SNAPSHOT {SqlName.Text(name)}", connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync().ConfigureAwait(false);
        await keeper.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<SnapshotSession> BeginAsync(NpgsqlDataSource data, CancellationToken cancellationToken)
    {
        var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return new SnapshotSession(data, connection, await BeginAsync(connection, cancellationToken).ConfigureAwait(false));
    }

    // A reader that row security would show only some rows must fail instead: the stream knows no row security.
    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        var newest = connection.PostgreSqlVersion.Major >= 17 ? "; SET LOCAL transaction_timeout = 0" : "";
        await using var command = new NpgsqlCommand(
            $"SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0{newest}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return transaction;
    }

    private async Task LockAsync(IReadOnlyCollection<TableDescription> tables, CancellationToken cancellationToken)
    {
        // A lock of a partitioned table is one of its partitions too; ONLY keeps children by inheritance out.
        foreach (var table in tables) await RunAsync($"LOCK TABLE {(table.Kind == 'p' ? "" : "ONLY ")}{table.Sql} IN ACCESS SHARE MODE", cancellationToken).ConfigureAwait(false);
    }

    private async Task ExportAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_export_snapshot(), pg_current_snapshot()::text", keeper);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        name = row.GetString(0);
        Snapshot = TransactionSnapshot.Parse(row.GetString(1));
    }

    private async Task<bool> HasFilesAsync(IReadOnlyCollection<TableDescription> tables, CancellationToken cancellationToken)
    {
        // The catalog's row is what the snapshot sees, the function tells what is.
        uint[] oids = [.. tables.SelectMany(t => t.Kind == 'p' ? t.Leaves.AsEnumerable() : [t.Oid])];
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_class c WHERE c.oid = ANY(@oids) AND c.relfilenode = pg_relation_filenode(c.oid)", keeper)
        { Parameters = { new("oids", NpgsqlDbType.Array | NpgsqlDbType.Oid) { Value = oids } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == oids.Length;
    }

    private async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        // A lock may have to be waited for.
        await using var command = new NpgsqlCommand(sql, keeper) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
