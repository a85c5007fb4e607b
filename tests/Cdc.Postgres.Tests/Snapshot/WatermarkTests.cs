namespace Cdc.Postgres.Tests.Snapshot;

public sealed class WatermarkTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_added_to_the_publication_is_noticed_and_read()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA added; CREATE TABLE added.a (id int PRIMARY KEY, v text); INSERT INTO added.a VALUES (1, 'a'); CREATE TABLE added.b (id int PRIMARY KEY, v text); INSERT INTO added.b SELECT i, 'old' FROM generate_series(1, 3000) i; CREATE PUBLICATION added FOR TABLE added.a");
        await using var rig = await FeedRig.FirstAsync(server, "added");
        await rig.CatchUpAsync();
        await server.ExecuteAsync("ALTER PUBLICATION added ADD TABLE added.b; UPDATE added.b SET v = 'new' WHERE id < 100; INSERT INTO added.b VALUES (5000, 'x')");
        await rig.PumpAsync(() => rig.Feed.Progress.Any(p => p is { Table.Name: "b", State: PostgresSnapshotState.Finished }));
        await server.ExecuteAsync("DELETE FROM added.b WHERE id = 7");
        await rig.DrainAsync();
        await SameAsync("added.b", rig.Replica);
        Assert.False(rig.Feed.HoldsStream);
    }

    [Fact]
    public async Task An_update_that_leaves_values_out_waits_for_the_row_of_an_added_table()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA toast;
            CREATE TABLE toast.a (id int PRIMARY KEY, v text);
            CREATE TABLE toast.b (id int PRIMARY KEY, v text, n int DEFAULT 0);
            ALTER TABLE toast.b ALTER COLUMN v SET STORAGE EXTERNAL;
            INSERT INTO toast.b SELECT i, repeat(md5(i::text), 100) FROM generate_series(1, 1000) i;
            CREATE PUBLICATION toast FOR TABLE toast.a;
            """);
        await using var rig = await FeedRig.FirstAsync(server, "toast");
        await rig.CatchUpAsync();
        await server.ExecuteAsync("ALTER PUBLICATION toast ADD TABLE toast.b (id, v)");
        var deadline = DateTime.UtcNow.AddSeconds(20);
        var updates = 0;
        while (!rig.Feed.Progress.Any(p => p is { Table.Name: "b", State: PostgresSnapshotState.Finished }))
        {
            Assert.True(DateTime.UtcNow < deadline);
            await server.ExecuteAsync($"UPDATE toast.b SET n = n + 1 WHERE id % 50 = {updates++ % 50}");
            await rig.StepAsync();
        }

        await rig.DrainAsync();
        Assert.Empty(rig.Replica.Unavailable);
        Assert.True(rig.DroppedChanges > 0);
        await SameAsync("toast.b", rig.Replica);
    }

    [Fact]
    public async Task A_transaction_that_wrote_before_the_table_was_published_is_waited_for()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA early; CREATE TABLE early.a (id int PRIMARY KEY, v text); CREATE TABLE early.b (id int PRIMARY KEY, v text); INSERT INTO early.b SELECT i, 'old' FROM generate_series(1, 10) i; CREATE PUBLICATION early FOR TABLE early.a");
        await using var rig = await FeedRig.FirstAsync(server, "early");
        await rig.CatchUpAsync();
        await using var writer = await server.Data.OpenConnectionAsync(Token);
        await using (var transaction = await writer.BeginTransactionAsync(Token))
        {
            // This insert is decoded as of a time when the table was not published: the stream never brings it.
            await InitialSnapshotTests.RunAsync(writer, "INSERT INTO early.b VALUES (11, 'early')");
            await server.ExecuteAsync("ALTER PUBLICATION early ADD TABLE early.b");
            await rig.PumpAsync(() => rig.Feed.Retrying?.Contains("must end", StringComparison.Ordinal) == true);
            Assert.False(rig.Feed.HoldsStream);
            await transaction.CommitAsync(Token);
        }

        await rig.PumpAsync(() => rig.Feed.Progress.Any(p => p is { Table.Name: "b", State: PostgresSnapshotState.Finished }));
        await rig.DrainAsync();
        await SameAsync("early.b", rig.Replica);
    }

    [Fact]
    public async Task A_table_read_again_under_load_ends_as_the_source_and_mends_what_was_wrong()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA load; CREATE TABLE load.t (id int PRIMARY KEY, v text); INSERT INTO load.t SELECT i, repeat('z', 100) FROM generate_series(1, 8000) i; CREATE PUBLICATION load FOR TABLE load.t");
        await using var rig = await FeedRig.FirstAsync(server, "load");
        await rig.CatchUpAsync();
        rig.Replica.Damage("load.t", 4000);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(seed => Task.Run(() => WriteAsync(server, seed, stop.Token), Token)).ToList();
        for (var round = 0; round < 3; round++)
        {
            Assert.True(rig.Feed.TryRepeat("load", "t"));
            await rig.PumpAsync(() => rig.Feed.Progress.Any(p => p.State != PostgresSnapshotState.Finished));
            await rig.SettleAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await rig.DrainAsync();
        await SameAsync("load.t", rig.Replica);
        Assert.False(rig.Feed.TryRepeat("load", "none"));
    }

    [Fact]
    public async Task A_table_that_left_the_publication_and_came_back_is_read_anew()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA back; CREATE TABLE back.a (id int PRIMARY KEY, v text); CREATE TABLE back.b (id int PRIMARY KEY, v text); INSERT INTO back.b VALUES (1, 'old'); CREATE PUBLICATION back FOR TABLE back.a, back.b");
        await using var first = await FeedRig.FirstAsync(server, "back");
        await first.CatchUpAsync();
        await server.ExecuteAsync("ALTER PUBLICATION back DROP TABLE back.b");
        await first.PumpAsync(() => first.Ledger.Find("snapshot-plan:back.b")?.ReaderState?.Contains("\"table\":0", StringComparison.Ordinal) == true);
        await server.ExecuteAsync("UPDATE back.b SET v = 'unseen'");
        await using var second = await first.RestartAsync();
        await second.CatchUpAsync();
        await server.ExecuteAsync("ALTER PUBLICATION back ADD TABLE back.b");
        await second.PumpAsync(() => second.Feed.Progress.Any(p => p is { Table.Name: "b", State: PostgresSnapshotState.Finished }));
        await SameAsync("back.b", second.Replica);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_told()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA fails; CREATE TABLE fails.a (id int PRIMARY KEY, v text); CREATE TABLE fails.b (id int PRIMARY KEY, v text); INSERT INTO fails.b VALUES (0, 'zero'); CREATE PUBLICATION fails FOR TABLE fails.a");
        await using var rig = await FeedRig.FirstAsync(server, "fails");
        await rig.CatchUpAsync();
        await server.ExecuteAsync("ALTER PUBLICATION fails ADD TABLE fails.b WHERE (1 / id > 0)");
        var failure = await Assert.ThrowsAsync<PostgresSourceException>(() => rig.PumpAsync(() => false));
        Assert.False(failure.IsTransient);
        Assert.Contains("22012", failure.Message, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(DatabaseServer server, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            var id = random.Next(1, 8100);
            await server.ExecuteAsync(random.Next(4) switch
            {
                0 => $"DELETE FROM load.t WHERE id = {id}",
                1 => $"INSERT INTO load.t VALUES ({id}, 'i{random.Next()}') ON CONFLICT (id) DO UPDATE SET v = excluded.v",
                2 => $"UPDATE load.t SET id = id + 10000 WHERE id = {id} AND NOT EXISTS (SELECT 1 FROM load.t WHERE id = {id + 10000})",
                _ => $"UPDATE load.t SET v = 'u{random.Next()}' WHERE id BETWEEN {id} AND {id + 5}",
            });
        }
    }

    private async Task SameAsync(string table, Replica replica) =>
        Assert.Equal(await fixture.Server.LinesAsync($"SELECT id || '=' || coalesce(v, 'NULL') FROM {table} ORDER BY id"), replica.Lines(table));
}
