namespace Cdc.Postgres.Tests.Snapshot;

public sealed class ResumeTests(ServerFixture fixture)
{
    [Fact]
    public async Task After_a_crash_only_ranges_that_were_not_finished_are_read_again()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA again; CREATE TABLE again.t (id int PRIMARY KEY, v text); ALTER TABLE again.t REPLICA IDENTITY FULL; INSERT INTO again.t SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i; CREATE PUBLICATION again FOR TABLE again.t");
        await using var first = await FeedRig.FirstAsync(server, "again");
        await first.CatchUpAsync(batches: 120);
        Assert.InRange(first.Replica.SnapshotRows, 1000, 19000);
        var before = first.Replica.SnapshotRows;
        await server.ExecuteAsync("UPDATE again.t SET v = 'changed' WHERE id % 10 = 0; DELETE FROM again.t WHERE id % 10 = 1; UPDATE again.t SET id = -id WHERE id % 10 = 2; INSERT INTO again.t SELECT i, 'new' FROM generate_series(20001, 20100) i");

        await using var second = await first.RestartAsync();
        await second.CatchUpAsync();

        // Besides what was left: rows that were written since, those of two broken ranges, and those that moved behind what was read.
        var again = second.Replica.SnapshotRows - before;
        Assert.True(again < 20000 - before + 100 + 300 + (0.3 * before), $"{again} rows were read again, after {before} before the crash.");
        Assert.Equal(first.ConsistentPoint, second.Replica.SnapshotVersion);
        await second.DrainAsync();
        await SameAsync("again.t", second.Replica);
        Assert.Empty(second.Replica.Unavailable);

        await using var third = await second.RestartAsync();
        var rows = third.Replica.SnapshotRows;
        await third.CatchUpAsync();
        Assert.Equal(rows, third.Replica.SnapshotRows);
        Assert.True(third.Feed.IsCaughtUp);
    }

    [Fact]
    public async Task A_row_that_moved_into_a_finished_range_while_the_snapshot_was_gone_is_not_missed()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA moved;
            CREATE TABLE moved.t (id int PRIMARY KEY, v text, n int);
            ALTER TABLE moved.t ALTER COLUMN v SET STORAGE EXTERNAL;
            INSERT INTO moved.t SELECT i, 'gone' || repeat('y', 1000), 0 FROM generate_series(1, 60) i;
            INSERT INTO moved.t SELECT i, repeat(md5(i::text), 100), 0 FROM generate_series(61, 4000) i;
            DELETE FROM moved.t WHERE id <= 60;
            CREATE PUBLICATION moved FOR TABLE moved.t (id, v);
            """);
        var deleted = await server.ScalarAsync<string>("SELECT pg_current_xact_id()::xid::text");
        await using var first = await FeedRig.FirstAsync(server, "moved", new(Slot: "moved", Publication: "moved") { RangeBlocks = 4, Connections = 1 });
        await first.CatchUpAsync(batches: 2);
        Assert.InRange(first.Replica.SnapshotRows, 1, 3500);

        // The freed blocks at the table's beginning, which were read, take rows from its end, which were not; v stays where it is.
        // Nothing is freed as long as a transaction of another test may still see it.
        var visible = $"SELECT coalesce(bool_and(age(backend_xmin) <= age('{deleted}'::xid)), true) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        for (var deadline = DateTime.UtcNow.AddMinutes(1); !await server.ScalarAsync<bool>(visible); await Task.Delay(100, TestContext.Current.CancellationToken)) Assert.True(DateTime.UtcNow < deadline, "other tests' transactions");
        await server.ExecuteAsync("VACUUM moved.t");
        await server.ExecuteAsync("UPDATE moved.t SET n = 1 WHERE id > 3500");
        Assert.True(await server.ScalarAsync<int>("SELECT count(*)::int FROM moved.t WHERE id > 3500 AND ctid < '(8,0)'") > 10);

        await using var second = await first.RestartAsync();
        await second.CatchUpAsync();
        await second.DrainAsync();
        Assert.Empty(second.Replica.Unavailable);
        await SameAsync("moved.t", second.Replica);
    }

    [Fact]
    public async Task A_table_that_was_rewritten_while_nothing_ran_is_read_anew()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA clustered; CREATE TABLE clustered.t (id int PRIMARY KEY, v text); INSERT INTO clustered.t SELECT i, repeat('x', 500) FROM generate_series(10000, 1, -1) i; CREATE PUBLICATION clustered FOR TABLE clustered.t");
        await using var first = await FeedRig.FirstAsync(server, "clustered");
        await first.CatchUpAsync(batches: 40);
        await first.Feed.DisposeAsync();
        await server.ExecuteAsync("CLUSTER clustered.t USING t_pkey");
        await using var second = await first.RestartAsync();
        await second.CatchUpAsync();
        await second.DrainAsync();
        await SameAsync("clustered.t", second.Replica);
    }

    [Fact]
    public async Task A_server_that_restarts_in_the_middle_interrupts_the_snapshot_only()
    {
        await using var server = await DatabaseServer.StartAsync();
        await server.ExecuteAsync("CREATE SCHEMA restart; CREATE TABLE restart.t (id int PRIMARY KEY, v text); INSERT INTO restart.t SELECT i, repeat('x', 500) FROM generate_series(1, 40000) i; CREATE PUBLICATION restart FOR TABLE restart.t");
        await using var rig = await FeedRig.FirstAsync(server, "restart");
        await rig.CatchUpAsync(batches: 100);
        await server.StopAsync();
        await server.StartAgainAsync();
        await server.ExecuteAsync("UPDATE restart.t SET v = 'changed' WHERE id % 100 = 0");
        await rig.CatchUpAsync();
        await rig.DrainAsync();
        Assert.Equal(await server.LinesAsync("SELECT id || '=' || v FROM restart.t ORDER BY id"), rig.Replica.Lines("restart.t"));
        Assert.Null(rig.Feed.Retrying);
    }

    private async Task SameAsync(string table, Replica replica) =>
        Assert.Equal(await fixture.Server.LinesAsync($"SELECT id || '=' || coalesce(v, 'NULL') FROM {table} ORDER BY id"), replica.Lines(table));
}
