namespace Cdc.Postgres.Tests.Snapshot;

public sealed class InitialSnapshotTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_row_is_read_once_whatever_the_tables_look_like()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA init;
            CREATE TABLE init.big (id int PRIMARY KEY, v text);
            INSERT INTO init.big SELECT i, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE repeat('x', i % 300) END FROM generate_series(1, 30000) i;
            CREATE TABLE init.keyless (id int, v text);
            INSERT INTO init.keyless SELECT i, 'k' FROM generate_series(1, 5000) i;
            CREATE TABLE init.empty (id int PRIMARY KEY, v text);
            CREATE TABLE init.wide (id int PRIMARY KEY, v text);
            INSERT INTO init.wide SELECT i, repeat(md5(i::text), 50000) FROM generate_series(1, 5) i;
            CREATE TABLE init.filtered (id int PRIMARY KEY, v text, secret text);
            INSERT INTO init.filtered SELECT i, 'f', 's' FROM generate_series(1, 100) i;
            CREATE TABLE init.parent (id int PRIMARY KEY, v text);
            CREATE TABLE init.child () INHERITS (init.parent);
            INSERT INTO init.parent VALUES (1, 'p');
            INSERT INTO init.child VALUES (2, 'c');
            CREATE PUBLICATION init FOR TABLE init.big, init.keyless, init.empty, init.wide, init.filtered (id, v) WHERE (id > 90), ONLY init.parent WITH (publish_via_partition_root = true);
            """);
        await using var rig = await FeedRig.FirstAsync(server, "init");
        await rig.CatchUpAsync();

        await SameAsync("init.big", rig.Replica);
        await SameAsync("init.keyless", rig.Replica);
        await SameAsync("init.wide", rig.Replica);
        Assert.Empty(rig.Replica.Lines("init.empty"));
        Assert.Equal(10, rig.Replica.Lines("init.filtered").Count);
        Assert.Equal(["1=p"], rig.Replica.Lines("init.parent"));
        Assert.Equal(30000 + 5000 + 5 + 10 + 1, rig.Replica.SnapshotRows);
        Assert.Equal(rig.ConsistentPoint, rig.Replica.SnapshotVersion);
        Assert.All(rig.Feed.Progress, p => Assert.Equal((PostgresSnapshotState.Finished, 100), (p.State, p.Percent)));
        Assert.Equal(30000, rig.Feed.Progress.Single(p => p.Table.Name == "big").Rows);
        Assert.True(rig.Feed.Progress.Single(p => p.Table.Name == "big").Ranges > 10);
    }

    [Fact]
    public async Task A_partitioned_table_is_read_through_its_partitions_with_the_columns_of_the_root()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA root;
            CREATE TABLE root.split (id int, v text) PARTITION BY HASH (id);
            CREATE TABLE root.split1 (gone int, v text, id int);
            ALTER TABLE root.split1 DROP COLUMN gone;
            ALTER TABLE root.split ATTACH PARTITION root.split1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE root.split2 PARTITION OF root.split FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO root.split SELECT i, 'v' || i FROM generate_series(1, 2000) i;
            CREATE PUBLICATION root FOR TABLE root.split WITH (publish_via_partition_root = true);
            """);
        await using var rig = await FeedRig.FirstAsync(server, "root");
        await rig.CatchUpAsync();
        await SameAsync("root.split", rig.Replica);
        Assert.Equal(2000, rig.Replica.SnapshotRows);
    }

    [Fact]
    public async Task A_write_before_the_consistent_point_that_commits_after_it_wins_over_the_snapshot()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA before; CREATE TABLE before.t (id int PRIMARY KEY, v text); INSERT INTO before.t SELECT i, 'old' FROM generate_series(1, 10) i; CREATE PUBLICATION before FOR TABLE before.t");

        // The slot's creation waits for those that run at its beginning, then for those that run after that; who begins during the second wait is not waited for.
        await using var first = await server.Data.OpenConnectionAsync(Token);
        await using var second = await server.Data.OpenConnectionAsync(Token);
        await using var writer = await server.Data.OpenConnectionAsync(Token);
        await using var firstTransaction = await first.BeginTransactionAsync(Token);
        var firstId = await IdAsync(first);
        var begin = FeedRig.FirstAsync(server, "before");
        await UntilAsync(server, Waiting(firstId), 1);
        await using var secondTransaction = await second.BeginTransactionAsync(Token);
        var secondId = await IdAsync(second);
        await firstTransaction.CommitAsync(Token);
        await UntilAsync(server, Waiting(secondId), 1);
        await using var transaction = await writer.BeginTransactionAsync(Token);
        await RunAsync(writer, "UPDATE before.t SET v = 'new' WHERE id = 3; DELETE FROM before.t WHERE id = 4");
        await secondTransaction.CommitAsync(Token);
        await using var rig = await begin;
        await rig.CatchUpAsync();
        Assert.Equal(10, rig.Replica.SnapshotRows);
        Assert.Contains("3=old", rig.Replica.Lines("before.t"));
        await transaction.CommitAsync(Token);
        await rig.DrainAsync();
        await SameAsync("before.t", rig.Replica);
    }

    [Fact]
    public async Task A_table_that_is_rewritten_between_the_slot_and_the_reading_is_not_taken_for_an_empty_one()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA rewrite; CREATE TABLE rewrite.t (id bigint PRIMARY KEY, v text); INSERT INTO rewrite.t SELECT i, 'v' FROM generate_series(1, 500) i; CREATE PUBLICATION rewrite FOR TABLE rewrite.t");
        await using var rig = await FeedRig.FirstAsync(server, "rewrite", afterSlot: () => server.ExecuteAsync("ALTER TABLE rewrite.t ALTER COLUMN id TYPE int"));
        await rig.CatchUpAsync();
        await SameAsync("rewrite.t", rig.Replica);
    }

    [Fact]
    public async Task A_table_that_is_locked_longer_than_a_command_may_take_is_waited_for()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA slow;
            CREATE TABLE slow.t (id int PRIMARY KEY, v text);
            INSERT INTO slow.t SELECT i, 'v' FROM generate_series(1, 20) i;
            CREATE PUBLICATION slow FOR TABLE slow.t;
            """);
        await using var blocker = await server.Data.OpenConnectionAsync(Token);
        await using var transaction = await blocker.BeginTransactionAsync(Token);
        await RunAsync(blocker, "LOCK TABLE slow.t IN ACCESS EXCLUSIVE MODE");
        await using var data = Npgsql.NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=1");
        var described = (await DescribeAsync(server, "slow"))[0];
        var opening = Internal.Snapshot.SnapshotSession.OpenAsync(data, [described.Table], Token);
        await Task.Delay(1500, Token);
        await transaction.CommitAsync(Token);
        await using var session = await opening;

        Assert.True(session.Snapshot.Xmax > 0);
    }

    private static async Task<IReadOnlyList<Internal.Setup.PublishedTable>> DescribeAsync(DatabaseServer server, string publication)
    {
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        return await Internal.Setup.Publication.TablesAsync(connection, publication, Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_table_is_rewritten_until_it_is_read_and_rows_are_written_all_the_while(bool exported)
    {
        var server = fixture.Server;
        var name = $"held_{exported}".ToLowerInvariant();
        await server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.a (id int PRIMARY KEY, v text); INSERT INTO {name}.a SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i; CREATE TABLE {name}.z (id int PRIMARY KEY, v text); INSERT INTO {name}.z VALUES (1, 'z'); CREATE PUBLICATION {name} FOR TABLE {name}.a, {name}.z");
        await using var rig = await FeedRig.FirstAsync(server, name, exported: exported);
        await rig.CatchUpAsync(batches: 10);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => server.ExecuteAsync($"SET lock_timeout = 100; ALTER TABLE {name}.z ALTER COLUMN id TYPE bigint"));
        Assert.Equal("55P03", refused.SqlState);
        await server.ExecuteAsync($"SET lock_timeout = 100; UPDATE {name}.z SET v = 'changed'; UPDATE {name}.a SET v = 'changed' WHERE id % 1000 = 0");
        await rig.CatchUpAsync();
        await server.ExecuteAsync($"SET lock_timeout = 5000; ALTER TABLE {name}.z ADD COLUMN later int");
        await rig.DrainAsync();
        await SameAsync($"{name}.z", rig.Replica);
        await SameAsync($"{name}.a", rig.Replica);
    }

    [Fact]
    public async Task A_slot_that_existed_already_is_read_from_a_snapshot_that_sees_everything_before_its_position()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA existing; CREATE TABLE existing.t (id int PRIMARY KEY, v text); INSERT INTO existing.t SELECT i, 'old' FROM generate_series(1, 100) i; CREATE PUBLICATION existing FOR TABLE existing.t");
        await using var rig = await FeedRig.FirstAsync(server, "existing", exported: false, afterSlot: () => server.ExecuteAsync("UPDATE existing.t SET v = 'new' WHERE id < 50; DELETE FROM existing.t WHERE id = 70; UPDATE existing.t SET id = 1000 WHERE id = 80"));
        await rig.CatchUpAsync();
        await rig.DrainAsync();
        await SameAsync("existing.t", rig.Replica);
        Assert.Equal(rig.ConsistentPoint, rig.Replica.SnapshotVersion);
    }

    private static string Waiting(string transaction) =>
        $"SELECT count(*)::int FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND transactionid = '{transaction}'::xid AND pid = (SELECT active_pid FROM pg_replication_slots WHERE slot_name = 'before')";

    private static async Task<string> IdAsync(Npgsql.NpgsqlConnection connection)
    {
        await using var command = new Npgsql.NpgsqlCommand("SELECT pg_current_xact_id()::text", connection);
        return (string)(await command.ExecuteScalarAsync(Token))!;
    }

    private async Task SameAsync(string table, Replica replica) =>
        Assert.Equal(await fixture.Server.LinesAsync($"SELECT id || '=' || coalesce(v, 'NULL') FROM {table} ORDER BY id"), replica.Lines(table));

    internal static async Task RunAsync(Npgsql.NpgsqlConnection connection, string sql)
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    internal static async Task UntilAsync(DatabaseServer server, string sql, int value)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (await server.ScalarAsync<int>(sql) != value)
        {
            Assert.True(DateTime.UtcNow < deadline, $"{sql} is not {value}.");
            await Task.Delay(10, Token);
        }
    }
}
