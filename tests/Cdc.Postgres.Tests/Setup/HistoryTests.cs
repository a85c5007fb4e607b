using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Tests.Snapshot;

namespace Cdc.Postgres.Tests.Setup;

/// <summary>A log that is not the one that was read any more, on real servers: each stops with the way out (reliability.md §4, rows 83 and 84).</summary>
public sealed class HistoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_that_goes_on_is_gone_on_with()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        await server.StopAsync("fast");
        await server.StartAgainAsync();
        var prepared = await PrepareAsync(server, ledger);
        Assert.False(prepared.Snapshots.IsFirst);
        Assert.Null(prepared.Snapshots.Remember);
    }

    [Fact]
    public async Task Another_cluster_at_the_same_address_is_refused()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        await using var other = await StartAsync();
        await RefusedAsync(other, ledger, "another cluster");
    }

    [Fact]
    public async Task A_database_that_was_created_again_is_refused()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        var entry = SourceHistory.Find(await ledger.ReadAsync(Token), "s")!;
        await ledger.WriteAsync([(entry with { Database = 1 }).Entry("s")], Token);
        await RefusedAsync(server, ledger, "created again");
    }

    [Fact]
    public async Task A_server_restored_from_a_copy_of_its_files_is_refused()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        await server.StopAsync("fast");
        await using var copy = await DatabaseServer.CopyAsync(server);
        await server.StartAgainAsync();
        await server.ExecuteAsync("INSERT INTO t SELECT i, 'after the copy' FROM generate_series(100, 5000) i");
        await AppliedAsync(server, ledger);
        await copy.StartAgainAsync();
        await RefusedAsync(copy, ledger, "restored from a copy");
    }

    [Fact]
    public async Task A_promoted_standby_is_gone_on_with_when_it_has_everything_and_refused_when_it_lost_the_tail()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        await server.StopAsync("fast");
        await using var standby = await DatabaseServer.CopyAsync(server);
        await File.WriteAllTextAsync(Path.Combine(standby.Folder, "standby.signal"), "", Token);
        await standby.StartAgainAsync();
        await standby.PromoteAsync();
        await InitialSnapshotTests.UntilAsync(standby, "SELECT pg_is_in_recovery()::int", 0);

        // Before 17 a standby has no copy of the slot; here it is one of the files.
        var prepared = await PrepareAsync(standby, ledger);
        Assert.Equal(2u, prepared.Server.Timeline);
        Assert.NotNull(prepared.Snapshots.Remember);

        await server.StartAgainAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (3, 'never replicated')");
        await AppliedAsync(server, ledger);
        await standby.ExecuteAsync("INSERT INTO t SELECT i, 'the new primary is further' FROM generate_series(100, 9000) i");
        await RefusedAsync(standby, ledger, "lost the end of the log");
    }

    [Fact]
    public async Task A_recovery_to_a_point_in_the_past_is_refused()
    {
        var history = TimelineHistory.Parse("1\t0/3000000\tno recovery target specified\n\n2\t0/4000000\tbefore 2026-01-01\n");
        var known = new SourceHistory("7", 4, 5);
        var slot = await AnySlotAsync();
        Assert.Contains(known.Compare("s", new ServerIdentity("7", 3, 5, 1L << 40, false), slot, 100, history), f => f.Problem.Contains("does not descend", StringComparison.Ordinal));
        Assert.Empty((known with { Timeline = 2 }).Compare("s", new ServerIdentity("7", 3, 5, 1L << 40, false), slot, 0x4000000, history));
        Assert.NotEmpty((known with { Timeline = 2 }).Compare("s", new ServerIdentity("7", 3, 5, 1L << 40, false), slot, 0x4000001, history));
        Assert.NotEmpty((known with { Timeline = 1 }).Compare("s", new ServerIdentity("7", 3, 5, 1L << 40, false), slot, 0x3000001, history));
    }

    [Fact]
    public async Task A_slot_that_was_dropped_stops_the_source()
    {
        await using var server = await StartAsync();
        var ledger = await ReadSomeAsync(server);
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('s')");
        await RefusedAsync(server, ledger, "the slot is gone");
        Assert.Null(await FindAsync(server));
    }

    [Fact]
    public async Task A_slot_whose_log_was_removed_stops_the_source()
    {
        await using var server = await StartAsync("-c max_slot_wal_keep_size=16MB -c max_wal_size=32MB -c min_wal_size=32MB");
        var ledger = await ReadSomeAsync(server);
        for (var i = 0; i < 20 && (await FindAsync(server))!.IsLost == false; i++)
        {
            await server.ExecuteAsync("INSERT INTO t SELECT g, repeat('x', 1000) FROM generate_series((SELECT max(id) FROM t) + 1, (SELECT max(id) FROM t) + 15000) g");
            await server.ExecuteAsync("CHECKPOINT");
        }

        var failure = await RefusedAsync(server, ledger, "removed log");
        Assert.Contains("SELECT pg_drop_replication_slot('s');", failure.Message, StringComparison.Ordinal);
    }

    private static Task<DatabaseServer> StartAsync(string settings = "") => DatabaseServer.StartAsync(settings);

    /// <summary>A first start, and the ledger as it is after some changes were applied.</summary>
    private static async Task<MemoryLedger> ReadSomeAsync(DatabaseServer server)
    {
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a')");
        var ledger = new MemoryLedger();
        var prepared = await PrepareAsync(server, ledger);
        Assert.True(prepared.Snapshots.IsFirst);
        await prepared.Snapshots.Exporter!.DisposeAsync();
        await ledger.WriteAsync([prepared.Snapshots.Remember!], Token);
        await server.ExecuteAsync("INSERT INTO t VALUES (2, 'b')");
        await AppliedAsync(server, ledger);
        return ledger;
    }

    private static async Task AppliedAsync(DatabaseServer server, MemoryLedger ledger) =>
        await ledger.WriteAsync([new LedgerEntry(new Checkpoint("s", 0, await server.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0')::int8")), "", null)], Token);

    private static async Task<PreparedSource> PrepareAsync(DatabaseServer server, MemoryLedger ledger)
    {
        var request = new SetupRequest("s", "p") { CreatePublication = true, CreateSlot = true, Tables = [new("", "public", "t")] };
        return await new SourcePreparation(server.Data, server.ConnectionString, request).RunAsync(await ledger.ReadAsync(Token), Token);
    }

    private static async Task<PostgresSourceException> RefusedAsync(DatabaseServer server, MemoryLedger ledger, string why)
    {
        var failure = await Assert.ThrowsAsync<PostgresSourceException>(() => PrepareAsync(server, ledger));
        Assert.False(failure.IsTransient);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Contains("start again", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    private static async Task<ServerSlot?> FindAsync(DatabaseServer server)
    {
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        return await ServerSlot.FindAsync(connection, "s", Token);
    }

    private static async Task<ServerSlot> AnySlotAsync()
    {
        await using var server = await StartAsync();
        await ReadSomeAsync(server);
        return (await FindAsync(server))!;
    }
}
