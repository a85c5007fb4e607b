namespace Cdc.Postgres.Tests.Stream;

public sealed class StreamTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_loop_that_is_busy_for_longer_than_the_server_waits_keeps_its_connection()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA busyloop; CREATE TABLE busyloop.t (id int PRIMARY KEY, v text)");
        await using var rig = await StreamRig.StartAsync(server, "busyloop", o => (o.ConnectionString, o.MaxBufferedBytes) = ($"{o.ConnectionString};Options=-c wal_sender_timeout=2s", 1 << 20));
        await server.ExecuteAsync("INSERT INTO busyloop.t VALUES (0)");
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        await server.ExecuteAsync("INSERT INTO busyloop.t SELECT i, repeat(md5(i::text), 60) FROM generate_series(1, 20000) i");
        await rig.ServerSaysAsync("r.pid IS NOT NULL");
        var sender = await rig.SenderAsync();

        // Nothing is taken, nothing more is received, and the server hears of the source for three times as long as it waits.
        await rig.ServerSaysAsync($"r.reply_time > '{await server.ScalarAsync<string>("SELECT now()::text")}'::timestamptz + interval '6 seconds'");
        Assert.InRange(rig.Source.BufferedBytes, 1 << 20, 2 << 20);
        await rig.StepUntilAsync(() => rig.Changes.Count == 20_001);
        Assert.Equal(sender, await rig.SenderAsync());
        Assert.DoesNotContain(rig.Happened, e => e.Kind == PostgresSourceEventKind.Reconnecting);
    }

    [Fact]
    public async Task A_connection_that_the_server_ends_is_opened_again_and_no_change_is_lost_or_comes_with_another_version()
    {
        const int rows = 3000;
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA cut; CREATE TABLE cut.t (id int PRIMARY KEY, v text)");
        await using var rig = await StreamRig.StartAsync(server, "cut", o => o.MaxReconnectDelay = TimeSpan.FromMilliseconds(300));
        await server.ExecuteAsync("INSERT INTO cut.t VALUES (0)");
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        var writing = WriteAsync();
        var cuts = 0;
        await rig.StepUntilAsync(() =>
        {
            if (cuts < 3 && rig.Changes.Count > (cuts + 1) * rows / 5)
            {
                cuts++;
                server.ExecuteAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 'cut' AND active_pid IS NOT NULL").GetAwaiter().GetResult();
            }

            return rig.Changes.Count > 0 && rig.Changes[^1].Key[0].GetInt64() == rows;
        });
        await writing;

        Assert.Equal(3, cuts);
        Assert.Contains(rig.Happened, e => e.Kind == PostgresSourceEventKind.Reconnecting);
        var ids = rig.Changes.GroupBy(c => c.Key[0].GetInt64()).ToDictionary(g => g.Key, g => g.Select(c => c.Version).ToList());
        Assert.Equal(Enumerable.Range(0, rows + 1).Select(i => (long)i), ids.Keys);
        Assert.All(ids.Values, versions => Assert.Single(versions.Distinct()));

        // Only a transaction that was received in part comes again.
        Assert.InRange(rig.Changes.Count - ids.Count, 0, cuts);

        async Task WriteAsync()
        {
            for (var i = 1; i <= rows; i++) await server.ExecuteAsync($"INSERT INTO cut.t VALUES ({i}, repeat('x', 500))");
        }
    }

    [Fact]
    public async Task What_is_not_taken_stays_in_the_servers_log_and_not_in_memory()
    {
        const int rows = 20_000;
        const long limit = 1 << 20;
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA held; CREATE TABLE held.t (id int PRIMARY KEY, v text)");
        await using var rig = await StreamRig.StartAsync(server, "held", o => o.MaxBufferedBytes = limit);
        await server.ExecuteAsync("INSERT INTO held.t VALUES (0)");
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        await server.ExecuteAsync($"INSERT INTO held.t SELECT i, repeat(md5(i::text), 60) FROM generate_series(1, {rows}) i");

        // The buffer fills and stays as it is, however often one looks.
        await rig.ServerSaysAsync("pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn) > 5000000");
        for (var deadline = DateTime.UtcNow.AddSeconds(30); rig.Source.BufferedBytes < limit; await Task.Delay(50, TestContext.Current.CancellationToken)) Assert.True(DateTime.UtcNow < deadline, $"{rig.Source.BufferedBytes}");
        var sender = await rig.SenderAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange(rig.Source.BufferedBytes, limit, limit + (2 * 256 * 1024));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True((await rig.Source.ReadSlotAsync(TestContext.Current.CancellationToken)).RetainedBytes > 5_000_000);
        await rig.StepUntilAsync(() => rig.Changes.Count == rows + 1);
        Assert.Equal(sender, await rig.SenderAsync());
        await rig.StepUntilAsync(() => rig.Source.BufferedBytes == 0);
    }

    [Fact]
    public async Task Versions_begin_in_the_epoch_that_the_tables_are_in()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA epoch; CREATE TABLE epoch.t (id int PRIMARY KEY); INSERT INTO epoch.t VALUES (1)");
        await using var rig = await StreamRig.StartAsync(server, "epoch", o => o.LeastEpoch = 3);
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        await server.ExecuteAsync("INSERT INTO epoch.t VALUES (2)");
        await rig.StepUntilAsync(() => rig.Changes.Count == 2);
        Assert.Equal([(true, 3), (false, 3)], rig.Changes.Select(c => (c.IsSnapshot, (int)c.Version.Epoch)));
    }

    [Fact]
    public async Task A_table_without_a_primary_key_has_the_key_of_its_replica_identity()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA indexed; CREATE TABLE indexed.t (v text, code text NOT NULL); CREATE UNIQUE INDEX code ON indexed.t (code);
            ALTER TABLE indexed.t REPLICA IDENTITY USING INDEX code; INSERT INTO indexed.t VALUES ('a', 'one')
            """);
        await using var rig = await StreamRig.StartAsync(server, "indexed");
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        await server.ExecuteAsync("UPDATE indexed.t SET v = 'b'; UPDATE indexed.t SET code = 'two'; DELETE FROM indexed.t");
        await rig.StepUntilAsync(() => rig.Changes.Count == 5);
        Assert.Equal(
            [(ChangeOperation.Read, "one"), (ChangeOperation.Update, "one"), (ChangeOperation.Delete, "one"), (ChangeOperation.Insert, "two"), (ChangeOperation.Delete, "two")],
            rig.Changes.Select(c => (c.Operation, c.Key[0].GetString())));
        Assert.All(rig.Changes, c => Assert.Equal("code", Assert.Single(c.Shape.Key).Name));
        Assert.DoesNotContain(rig.Happened, e => e.Message.Contains("indexed.t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_without_an_encoding_is_named_by_the_check()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0");
        await using var source = new PostgresChangeSource(new PostgresOptions { ConnectionString = server.Connection("cdc", "bytes"), Slot = "bytes", Publication = "bytes", CreateSlot = true, CreatePublication = true }, new MemoryLedger());
        var finding = Assert.Single(await source.CheckAsync(TestContext.Current.CancellationToken), f => f.Subject == "database bytes");
        Assert.Equal(PostgresFindingSeverity.Warning, finding.Severity);
        Assert.Contains("SQL_ASCII", finding.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostgreSQL_18_is_read_with_its_generated_columns_and_infinite_intervals()
    {
        await using var server = await NewestServer.StartAsync();
        await server.ExecuteAsync("CREATE SCHEMA newest; CREATE TABLE newest.t (id int PRIMARY KEY, v text, g text GENERATED ALWAYS AS (v || id) STORED, i interval); INSERT INTO newest.t VALUES (1, 'a', DEFAULT, 'infinity')");
        await using var rig = await StreamRig.StartAsync(server, "newest", o => server.ExecuteAsync("ALTER PUBLICATION newest SET (publish_generated_columns = stored)").GetAwaiter().GetResult());
        await rig.StepUntilAsync(() => rig.Changes.Count == 1);
        await server.ExecuteAsync("INSERT INTO newest.t VALUES (2, 'b', DEFAULT, '-infinity'); UPDATE newest.t SET id = 3 WHERE id = 1; DELETE FROM newest.t WHERE id = 2; TRUNCATE newest.t");
        await rig.StepUntilAsync(() => rig.Changes.Count == 6);

        Assert.Equal([ChangeOperation.Read, ChangeOperation.Insert, ChangeOperation.Delete, ChangeOperation.Insert, ChangeOperation.Delete, ChangeOperation.Truncate], rig.Changes.Select(c => c.Operation));
        Assert.Equal(["a1", "b2", "a3"], rig.Changes.Where(c => c.After.IsPresent).Select(c => c.After[2].GetString()));
        Assert.All(rig.Changes.Where(c => c.After.IsPresent), c => Assert.Equal(RefusalReason.Infinity, Assert.Throws<ValueRefusedException>(() => c.After[3].GetInt64()).Reason));
        Assert.Equal(rig.Changes.Select(c => c.Version).Order(), rig.Changes.Select(c => c.Version));
    }
}
