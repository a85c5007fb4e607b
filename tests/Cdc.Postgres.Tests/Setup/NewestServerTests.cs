using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Tests.Snapshot;
using Npgsql.Replication;

namespace Cdc.Postgres.Tests.Setup;

/// <summary>What only later servers have: failover slots (17), published generated columns and reasons of a lost slot (17, 18).</summary>
public sealed class NewestServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_PostgreSQL_18_slots_fail_over_and_generated_columns_come_when_they_are_published()
    {
        await using var server = await NewestServer.StartAsync();
        await server.ExecuteAsync(
            """
            CREATE TABLE stored (id int PRIMARY KEY, v text GENERATED ALWAYS AS ('v' || id) STORED, virtual int GENERATED ALWAYS AS (id * 2));
            INSERT INTO stored SELECT i FROM generate_series(1, 500) i;
            CREATE TABLE plain (id int PRIMARY KEY, v text, g int GENERATED ALWAYS AS (id) STORED);
            INSERT INTO plain SELECT i, 'x' FROM generate_series(1, 500) i;
            CREATE PUBLICATION newest FOR TABLE stored WITH (publish_generated_columns = stored);
            CREATE PUBLICATION older FOR TABLE plain;
            """);
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        Assert.Equal(["id", "v"], (await Publication.TablesAsync(connection, "newest", Token))[0].Columns.Select(c => c.Name));
        Assert.Equal(["id", "v"], (await Publication.TablesAsync(connection, "older", Token))[0].Columns.Select(c => c.Name));

        await using var rig = await FeedRig.FirstAsync(server, "newest");
        await rig.CatchUpAsync();
        await rig.DrainAsync();
        Assert.Equal(await server.LinesAsync("SELECT id || '=' || v FROM stored ORDER BY id"), rig.Replica.Lines("public.stored"));

        await using var replication = new LogicalReplicationConnection(server.ConnectionString);
        await replication.Open(Token);
        var (point, snapshot) = await ServerSlot.CreateAsync(replication, "failover", failover: true, Token);
        var slot = (await ServerSlot.FindAsync(connection, "failover", Token))!;
        Assert.True(slot.IsFailover);
        Assert.False(slot.IsSynced);
        Assert.Equal(point, slot.Confirmed);
        Assert.NotEmpty(snapshot);

        // A failover slot that is there is used; one that is none is told how to become one.
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('lone', 'pgoutput')");
        var kept = await Preflight.RunAsync(connection, new SetupRequest("failover", "newest"), Token);
        Assert.Contains(kept, f => f.Subject == "slot failover" && f.Severity == PostgresFindingSeverity.Note && f.Problem.StartsWith("it is a failover slot", StringComparison.Ordinal));
        Assert.DoesNotContain(kept, f => f.Severity == PostgresFindingSeverity.Fatal);
        Assert.Contains(await Preflight.RunAsync(connection, new SetupRequest("lone", "newest"), Token), f => f.Subject == "slot lone" && f.Fix?.StartsWith("ALTER_REPLICATION_SLOT lone (FAILOVER true);", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_promoted_standby_of_PostgreSQL_18_goes_on_with_the_synced_slot()
    {
        await using var server = await NewestServer.StartAsync("-c hot_standby_feedback=on");
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v text)");
        await server.ExecuteAsync("SELECT pg_create_physical_replication_slot('standby', true)");
        var ledger = new MemoryLedger();
        var request = new SetupRequest("s", "p") { CreatePublication = true, CreateSlot = true, Tables = [new("", "public", "t")] };
        var prepared = await new SourcePreparation(server.Data, server.ConnectionString, request).RunAsync([], Token);
        await prepared.Snapshots.Exporter!.DisposeAsync();
        await ledger.WriteAsync([prepared.Snapshots.Remember!], Token);

        await server.StopAsync("fast");
        await using var standby = await DatabaseServer.CopyAsync(server);
        await File.WriteAllTextAsync(Path.Combine(standby.Folder, "standby.signal"), "", Token);
        await File.AppendAllTextAsync(
            Path.Combine(standby.Folder, "postgresql.auto.conf"),
            $"primary_conninfo = 'host=127.0.0.1 port={server.Port} user=cdc dbname=postgres'\nprimary_slot_name = 'standby'\nsync_replication_slots = on\nhot_standby_feedback = on\n", Token);
        foreach (var slot in Directory.GetDirectories(Path.Combine(standby.Folder, "pg_replslot"))) Directory.Delete(slot, recursive: true);
        await server.StartAgainAsync();
        await standby.StartAgainAsync();

        // The copy is made as soon as the pipeline has confirmed something newer than the standby's own beginning.
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (await standby.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 's' AND synced AND NOT temporary") == 0)
        {
            Assert.True(DateTime.UtcNow < deadline, "The slot was not synced.");
            await server.ExecuteAsync("INSERT INTO t VALUES ((SELECT count(*) FROM t), 'x')");
            await server.ExecuteAsync("SELECT pg_log_standby_snapshot()");
            await server.ExecuteAsync("SELECT pg_replication_slot_advance('s', pg_current_wal_lsn())");
            await ledger.WriteAsync([new LedgerEntry(new Checkpoint("s", 0, await server.ScalarAsync<long>("SELECT (confirmed_flush_lsn - '0/0')::int8 FROM pg_replication_slots WHERE slot_name = 's'")), "", null)], Token);
            await Task.Delay(100, Token);
        }

        await using (var connection = await standby.Data.OpenConnectionAsync(Token))
        {
            Assert.Contains(await Preflight.RunAsync(connection, request, Token), f => f.Fix?.Contains("connect to the primary", StringComparison.Ordinal) == true);
        }

        await server.StopAsync("fast");
        await standby.PromoteAsync();
        await InitialSnapshotTests.UntilAsync(standby, "SELECT pg_is_in_recovery()::int", 0);
        var after = await new SourcePreparation(standby.Data, standby.ConnectionString, request).RunAsync(await ledger.ReadAsync(Token), Token);
        Assert.False(after.Snapshots.IsFirst);
        Assert.Equal(2u, after.History.Timeline);
    }
}
