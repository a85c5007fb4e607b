using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Tests.Setup;

public sealed class PreparationTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_missing_is_created_and_used_from_then_on()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA made; CREATE TABLE made.a (id int PRIMARY KEY); CREATE TABLE made.b (id int PRIMARY KEY) PARTITION BY RANGE (id)");
        var request = new SetupRequest("made", "made") { CreatePublication = true, CreateSlot = true, ViaRoot = true, Tables = [new("", "made", "a"), new("", "made", "b")] };
        var first = await PrepareAsync(request, []);
        Assert.True(first.Snapshots.IsFirst);
        Assert.NotNull(first.Snapshots.Exported);
        await first.Snapshots.Exporter!.DisposeAsync();

        // A crash before the ledger knew of it: the next start is a first one too, on the slot that is there.
        await server.ExecuteAsync("INSERT INTO made.a VALUES (1)");
        var second = await PrepareAsync(request, []);
        Assert.True(second.Snapshots.IsFirst);
        Assert.Null(second.Snapshots.Exported);
        Assert.True(second.Position > first.Position);

        var third = await PrepareAsync(request, [second.Snapshots.Remember!]);
        Assert.False(third.Snapshots.IsFirst);
        Assert.Null(third.Snapshots.Remember);
        Assert.Equal(second.Position, third.Position);

        await using var connection = await server.Data.OpenConnectionAsync(Token);
        Assert.Equal(["a", "b"], (await Publication.TablesAsync(connection, "made", Token)).Select(t => t.Table.Name));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('made')");
    }

    [Fact]
    public async Task Nothing_is_created_when_something_else_is_missing()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA halted; CREATE TABLE halted.t (id int PRIMARY KEY); ALTER TABLE halted.t REPLICA IDENTITY NOTHING");
        var request = new SetupRequest("halted", "halted") { CreatePublication = true, CreateSlot = true, Tables = [new("", "halted", "t")] };
        await Assert.ThrowsAsync<PostgresSourceException>(() => PrepareAsync(request, []));
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        Assert.Null(await Publication.FindAsync(connection, "halted", Token));
        Assert.Null(await ServerSlot.FindAsync(connection, "halted", Token));
    }

    [Fact]
    public async Task A_slot_older_than_its_publication_is_moved_behind_it()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA older; CREATE TABLE older.t (id int PRIMARY KEY, v text)");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('older', 'pgoutput')");
        await server.ExecuteAsync("INSERT INTO older.t VALUES (1, 'x')");
        var request = new SetupRequest("older", "older_pub") { CreatePublication = true, Tables = [new("", "older", "t")] };
        await PrepareAsync(request, []);

        // Without it the server answers that the publication does not exist.
        await server.ExecuteAsync("INSERT INTO older.t VALUES (2, 'x')");
        Assert.NotEmpty(await server.LinesAsync("SELECT lsn::text FROM pg_logical_slot_peek_binary_changes('older', NULL, NULL, 'proto_version', '1', 'publication_names', 'older_pub')"));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('older')");
    }

    [Fact]
    public async Task A_slot_that_is_streamed_only_is_not_moved()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA streamed; CREATE TABLE streamed.t (id int PRIMARY KEY, v text); CREATE PUBLICATION streamed FOR TABLE streamed.t");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('streamed', 'pgoutput')");
        await server.ExecuteAsync("INSERT INTO streamed.t VALUES (1, 'x')");
        var prepared = await PrepareAsync(new SetupRequest("streamed", "streamed") { Snapshots = false }, []);
        Assert.False(prepared.Snapshots.IsFirst);
        Assert.NotEmpty(await server.LinesAsync("SELECT lsn::text FROM pg_logical_slot_peek_binary_changes('streamed', NULL, NULL, 'proto_version', '1', 'publication_names', 'streamed')"));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('streamed')");
    }

    [Fact]
    public async Task A_reconnect_finds_the_slot_gone()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA verify; CREATE TABLE verify.t (id int PRIMARY KEY)");
        var request = new SetupRequest("verify", "verify") { CreatePublication = true, CreateSlot = true, Tables = [new("", "verify", "t")] };
        var prepared = await PrepareAsync(request, []);
        await prepared.Snapshots.Exporter!.DisposeAsync();
        var preparation = new SourcePreparation(server.Data, server.ConnectionString, request);
        Assert.Equal(prepared.History, await preparation.VerifyAsync(prepared.History, prepared.Position, Token));
        await Assert.ThrowsAsync<PostgresSourceException>(() => preparation.VerifyAsync(prepared.History, ulong.MaxValue, Token));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('verify')");
        var failure = await Assert.ThrowsAsync<PostgresSourceException>(() => preparation.VerifyAsync(prepared.History, prepared.Position, Token));
        Assert.Contains("the slot is gone", failure.Message, StringComparison.Ordinal);
    }

    private async Task<PreparedSource> PrepareAsync(SetupRequest request, IReadOnlyList<LedgerEntry> entries)
    {
        await using var data = NpgsqlDataSource.Create(fixture.Server.ConnectionString);
        return await new SourcePreparation(data, fixture.Server.ConnectionString, request).RunAsync(entries, Token);
    }
}
