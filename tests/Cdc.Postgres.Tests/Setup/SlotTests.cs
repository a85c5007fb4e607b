using Cdc.Postgres.Internal.Setup;
using Npgsql.Replication;

namespace Cdc.Postgres.Tests.Setup;

public sealed class SlotTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_slot_exports_a_snapshot_of_its_consistent_point_and_is_found()
    {
        var server = fixture.Server;
        await using var replication = new LogicalReplicationConnection(server.ConnectionString);
        await replication.Open(Token);
        var (point, snapshot) = await ServerSlot.CreateAsync(replication, "slot_found", failover: false, Token);
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        var slot = await ServerSlot.FindAsync(connection, "slot_found", Token);

        Assert.NotNull(slot);
        Assert.Equal(("pgoutput", "postgres", false, false, false, "reserved"), (slot.Plugin, slot.Database, slot.IsTemporary, slot.IsFailover, slot.IsLost, slot.WalStatus));
        Assert.Equal(point, slot.Confirmed);
        Assert.True(slot.Restart <= point);
        Assert.NotEmpty(snapshot);
        Assert.Null(await ServerSlot.FindAsync(connection, "slot_missing", Token));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('slot_found')");
    }

    [Fact]
    public async Task The_retained_log_of_a_slot_grows_with_what_is_written_and_shrinks_with_what_is_confirmed()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE TABLE slot_retains (v text)");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('slot_retains', 'pgoutput')");
        var watch = new SlotWatch(server.Data, "slot_retains", TimeProvider.System);
        Assert.Null(watch.Latest);
        var before = await watch.ReadAsync(Token);
        await server.ExecuteAsync("INSERT INTO slot_retains SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
        var after = await watch.ReadAsync(Token);
        Assert.True(after.RetainedBytes - before.RetainedBytes > 2_000_000);
        Assert.True(after.UnconfirmedBytes - before.UnconfirmedBytes > 2_000_000);
        Assert.Equal(PostgresSlotHealth.Kept, after.Health);
        await server.ExecuteAsync("SELECT pg_replication_slot_advance('slot_retains', pg_current_wal_lsn())");
        Assert.True((await watch.ReadAsync(Token)).UnconfirmedBytes < after.UnconfirmedBytes - 2_000_000);
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('slot_retains')");
        Assert.Equal(PostgresSlotHealth.Missing, (await watch.ReadAsync(Token)).Health);
        Assert.Equal(PostgresSlotHealth.Missing, watch.Latest!.Health);
    }

    [Theory]
    [InlineData("a_1", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("a b", false)]
    [InlineData("a;drop", false)]
    public void A_slots_name_is_what_the_server_allows(string name, bool allowed) => Assert.Equal(allowed, ServerSlot.IsName(name));

    [Fact]
    public async Task A_publication_tells_the_columns_and_rows_that_it_sends()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA "pub";
            CREATE TABLE pub.whole (id int PRIMARY KEY, "v'" text, g int GENERATED ALWAYS AS (id) STORED);
            CREATE TABLE pub.part (id int PRIMARY KEY, v text, secret text);
            CREATE TABLE pub.split (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE pub.split1 PARTITION OF pub.split FOR VALUES FROM (0) TO (10);
            CREATE PUBLICATION "Pub" FOR TABLE pub.whole, pub.part (v, id) WHERE (id > 5);
            """);
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        var tables = await Publication.TablesAsync(connection, "Pub", Token);
        Assert.Equal(["part", "whole"], tables.Select(t => t.Table.Name));
        Assert.Equal(["id", "v"], tables[0].Columns.Select(c => c.Name));
        Assert.Equal("(id > 5)", tables[0].RowFilter);
        Assert.Equal(["id", "v'"], tables[1].Columns.Select(c => c.Name));
        Assert.Null(tables[1].RowFilter);

        await Publication.CreateAsync(connection, "by root", [new TableId("", "pub", "split")], viaRoot: true, Token);
        var found = await Publication.FindAsync(connection, "by root", Token);
        Assert.Equal(new Publication("by root", "cdc", false, true, true, true, true, true), found);
        Assert.Equal(["split"], (await Publication.TablesAsync(connection, "by root", Token)).Select(t => t.Table.Name));
        Assert.Null(await Publication.FindAsync(connection, "none", Token));
    }
}
