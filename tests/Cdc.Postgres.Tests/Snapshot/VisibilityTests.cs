namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>A commit that waits for a synchronous standby is in the log and streamed, and no one sees it: the race of a commit's visibility, held still.</summary>
public sealed class VisibilityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_not_read_again_while_a_streamed_transaction_is_not_visible()
    {
        await using var server = await DatabaseServer.StartAsync();
        await server.ExecuteAsync("CREATE SCHEMA sync; CREATE TABLE probe (i int); CREATE TABLE sync.t (id int PRIMARY KEY, v text); INSERT INTO sync.t SELECT i, 'old' FROM generate_series(1, 10) i; CREATE PUBLICATION sync FOR TABLE sync.t");
        await using var rig = await FeedRig.FirstAsync(server, "sync");
        await rig.CatchUpAsync();
        await WaitForStandbyAsync(server, true);
        var hidden = server.ExecuteAsync("UPDATE sync.t SET v = 'new' WHERE id = 5");
        await InitialSnapshotTests.UntilAsync(server, "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 1);
        await rig.PumpAsync(() => rig.Replica.Lines("sync.t").Contains("5=new"));
        Assert.Equal("old", await server.ScalarAsync<string>("SELECT v FROM sync.t WHERE id = 5"));

        Assert.True(rig.Feed.TryRepeat("sync", "t"));
        await rig.PumpAsync(() => rig.Feed.Retrying?.Contains("must end", StringComparison.Ordinal) == true);
        Assert.Equal(10, rig.Replica.SnapshotRows);
        await WaitForStandbyAsync(server, false);
        await hidden;
        await rig.PumpAsync(() => rig.Replica.SnapshotRows == 20);
        Assert.Equal(await server.LinesAsync("SELECT id || '=' || v FROM sync.t ORDER BY id"), rig.Replica.Lines("sync.t"));
    }

    [Fact]
    public async Task What_an_earlier_run_streamed_and_is_not_visible_yet_is_waited_for_too()
    {
        await using var server = await DatabaseServer.StartAsync();
        await server.ExecuteAsync("CREATE SCHEMA sync; CREATE TABLE probe (i int); CREATE TABLE sync.t (id int PRIMARY KEY, v text); INSERT INTO sync.t SELECT i, 'old' FROM generate_series(1, 10) i; CREATE PUBLICATION sync FOR TABLE sync.t");
        await using var first = await FeedRig.FirstAsync(server, "sync");
        await first.CatchUpAsync();
        await WaitForStandbyAsync(server, true);
        var hidden = server.ExecuteAsync("UPDATE sync.t SET v = 'new' WHERE id = 5");
        await InitialSnapshotTests.UntilAsync(server, "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 1);
        await first.PumpAsync(() => first.Replica.Lines("sync.t").Contains("5=new"));

        await using var second = await first.RestartAsync();
        await second.CatchUpAsync();
        Assert.True(second.Feed.TryRepeat("sync", "t"));
        await second.PumpAsync(() => second.Feed.Retrying?.Contains("must end", StringComparison.Ordinal) == true);
        await WaitForStandbyAsync(server, false);
        await hidden;
        await second.PumpAsync(() => second.Replica.SnapshotRows == 20);
        Assert.Equal(await server.LinesAsync("SELECT id || '=' || v FROM sync.t ORDER BY id"), second.Replica.Lines("sync.t"));
    }

    [Fact]
    public async Task A_first_snapshot_waits_for_a_commit_below_the_slots_position_that_is_not_visible()
    {
        await using var server = await DatabaseServer.StartAsync();
        await server.ExecuteAsync("CREATE SCHEMA sync; CREATE TABLE probe (i int); CREATE TABLE sync.t (id int PRIMARY KEY, v text); INSERT INTO sync.t SELECT i, 'old' FROM generate_series(1, 10) i; CREATE PUBLICATION sync FOR TABLE sync.t");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('sync', 'pgoutput')");
        await WaitForStandbyAsync(server, true);
        var hidden = server.ExecuteAsync("UPDATE sync.t SET v = 'new' WHERE id = 5");
        await InitialSnapshotTests.UntilAsync(server, "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 1);
        await server.ExecuteAsync("SELECT pg_replication_slot_advance('sync', pg_current_wal_lsn())");

        await using var rig = await FeedRig.ExistingAsync(server, "sync");
        await rig.PumpAsync(() => rig.Feed.Retrying?.Contains("must end", StringComparison.Ordinal) == true);
        await WaitForStandbyAsync(server, false);
        await hidden;
        await rig.CatchUpAsync();
        await rig.DrainAsync();
        Assert.Contains("5=new", rig.Replica.Lines("sync.t"));
    }

    // Everyone else goes on: only the one writer waits for the standby that does not exist.
    private static async Task WaitForStandbyAsync(DatabaseServer server, bool waits)
    {
        await server.ExecuteAsync($"ALTER SYSTEM SET synchronous_standby_names = '{(waits ? "nobody" : "")}'");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        if (!waits) return;

        // The wait begins when the checkpointer has noticed; until then commits pass.
        var probe = Task.CompletedTask;
        while (await server.ScalarAsync<int>("SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == 0)
        {
            if (probe.IsCompleted) probe = server.ExecuteAsync("INSERT INTO probe VALUES (1)");
        }

        await server.ExecuteAsync("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        await probe;
    }
}
