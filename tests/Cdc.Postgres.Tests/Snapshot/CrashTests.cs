namespace Cdc.Postgres.Tests.Snapshot;

public sealed class CrashTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whenever_it_crashes_under_writers_the_replica_ends_as_the_source(int seed)
    {
        var server = fixture.Server;
        var name = $"crash{seed}";
        await server.ExecuteAsync(
            $"""
            CREATE SCHEMA {name};
            CREATE TABLE {name}.t (id int PRIMARY KEY, v text, n int DEFAULT 0);
            ALTER TABLE {name}.t ALTER COLUMN v SET STORAGE EXTERNAL;
            INSERT INTO {name}.t SELECT i, repeat(md5(i::text), 80) FROM generate_series(1, 3000) i;
            CREATE TABLE {name}.added (id int PRIMARY KEY, v text, n int DEFAULT 0);
            ALTER TABLE {name}.added ALTER COLUMN v SET STORAGE EXTERNAL;
            INSERT INTO {name}.added SELECT i, repeat(md5(i::text), 80) FROM generate_series(1, 1000) i;
            CREATE PUBLICATION {name} FOR TABLE {name}.t (id, v);
            """);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 3).Select(w => Task.Run(() => WriteAsync(server, name, (seed * 100) + w, stop.Token), Token)).ToList();
        var random = new Random(seed);
        var rig = await FeedRig.FirstAsync(server, name);
        var rigs = new List<FeedRig> { rig };
        for (var crash = 0; crash < 12; crash++)
        {
            if (crash == 6) await server.ExecuteAsync($"ALTER PUBLICATION {name} ADD TABLE {name}.added (id, v)");
            for (var step = random.Next(20, 400); step > 0; step--)
            {
                // What is delivered after this is in the target, and the ledger does not know it.
                if (step == 10) rig.Commits = false;
                if (!await rig.StepAsync()) await rig.Feed.WaitAsync(TimeSpan.FromMilliseconds(5), Token);
                if (crash > 8 && step % 50 == 0) rig.Feed.TryRepeat(name, "t");
            }

            rigs.Add(rig = await rig.RestartAsync());
        }

        await rig.PumpAsync(() => rig.Feed.IsCaughtUp);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await rig.PumpAsync(() => rig.Replica.Lines($"{name}.added").Count > 0, 60);
        await rig.SettleAsync();
        await rig.DrainAsync();

        await SameAsync(name, "t", rig.Replica);
        await SameAsync(name, "added", rig.Replica);
        foreach (var each in rigs) await each.DisposeAsync();
    }

    private static async Task WriteAsync(DatabaseServer server, string schema, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            var table = random.Next(3) == 0 ? "added" : "t";
            var id = random.Next(1, 3100);
            await server.ExecuteAsync(random.Next(6) switch
            {
                0 => $"DELETE FROM {schema}.{table} WHERE id = {id}",
                1 => $"INSERT INTO {schema}.{table} VALUES ({id}, repeat('i{id % 10}', 1500)) ON CONFLICT (id) DO UPDATE SET v = excluded.v",
                2 => $"UPDATE {schema}.{table} SET v = repeat('u{seed}', 1000) WHERE id = {id}",
                _ => $"UPDATE {schema}.{table} SET n = n + 1 WHERE id BETWEEN {id} AND {id + 20}",
            });
            await Task.Delay(random.Next(3), CancellationToken.None);
        }
    }

    private async Task SameAsync(string schema, string table, Replica replica) =>
        Assert.Equal(await fixture.Server.LinesAsync($"SELECT id || '=' || coalesce(v, 'NULL') FROM {schema}.{table} ORDER BY id"), replica.Lines($"{schema}.{table}"));
}
