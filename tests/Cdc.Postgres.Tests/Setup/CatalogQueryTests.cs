using Cdc.Postgres.Internal.Setup;

namespace Cdc.Postgres.Tests.Setup;

public sealed class CatalogQueryTests(ServerFixture fixture)
{
    [Fact]
    public async Task Columns_types_keys_and_identities_are_those_of_the_catalog()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA "cat""alog";
            CREATE TYPE "cat""alog".mood AS ENUM ('sad', 'it''s ok', 'happy');
            CREATE DOMAIN "cat""alog".amount AS numeric(10, 2) NOT NULL;
            CREATE DOMAIN "cat""alog".nested AS "cat""alog".amount;
            CREATE TABLE "cat""alog"."A table" (
                b int, gone int, a text, price "cat""alog".nested, moods "cat""alog".mood[], plain "cat""alog".mood, twice int GENERATED ALWAYS AS (b * 2) STORED, at timestamp(3),
                point point, PRIMARY KEY (a, b) DEFERRABLE);
            ALTER TABLE "cat""alog"."A table" DROP COLUMN gone;
            CREATE TABLE "cat""alog".indexed (id int NOT NULL UNIQUE, name text);
            ALTER TABLE "cat""alog".indexed REPLICA IDENTITY USING INDEX indexed_id_key;
            CREATE TABLE "cat""alog".split (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
            CREATE TABLE "cat""alog".split1 PARTITION OF "cat""alog".split FOR VALUES FROM (0) TO (10);
            CREATE TABLE "cat""alog".split2 PARTITION OF "cat""alog".split FOR VALUES FROM (10) TO (20);
            INSERT INTO "cat""alog".split SELECT i, 'x' FROM generate_series(0, 14) i;
            ANALYZE "cat""alog".split1; ANALYZE "cat""alog".split2;
            """);
        await using var connection = await server.Data.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var oids = (await server.LinesAsync("SELECT oid::text FROM pg_class WHERE relnamespace = '\"cat\"\"alog\"'::regnamespace AND relname IN ('A table', 'indexed', 'split')")).ConvertAll(uint.Parse);

        var tables = (await CatalogQuery.TablesAsync(connection, oids, TestContext.Current.CancellationToken)).ToDictionary(t => t.Name);
        var types = await CatalogQuery.TypesAsync(connection, [.. tables.Values.SelectMany(t => t.Columns).Select(c => c.Type)], TestContext.Current.CancellationToken);

        var table = tables["A table"];
        Assert.Equal(["b", "a", "price", "moods", "plain", "twice", "at", "point"], table.Columns.Select(c => c.Name));
        Assert.Equal(["a", "b"], table.Key);
        Assert.True(table.IsKeyDeferrable);
        Assert.Equal('d', table.Identity);
        // As the JDBC driver has it: a NOT NULL of a domain under the domain does not count.
        Assert.Equal([true, true, false, false, false, false, false, false], table.Columns.Select(c => c.IsNotNull));
        Assert.Equal('s', table.Columns[5].Generated);
        Assert.Equal('\0', table.Columns[4].Generated);
        Assert.Equal("timestamp(3) without time zone", table.Columns[6].TypeName);
        Assert.Equal(3, table.Columns[6].TypeModifier);
        Assert.True(table.MayLeaveValuesOut);

        var nested = types[table.Columns[2].Type];
        Assert.Equal(('d', "nested"), (nested.Kind, nested.Name));
        Assert.Equal("numeric", types[types[nested.Base].Base].Name);
        Assert.Equal(((10 << 16) | 2) + 4, types[nested.Base].BaseModifier);
        var moods = types[table.Columns[3].Type];
        Assert.Equal(["sad", "it's ok", "happy"], types[moods.Element].Labels);
        Assert.Equal(0u, types[table.Columns[7].Type].Element);

        Assert.Equal(['i'], [tables["indexed"].Identity]);
        Assert.Equal(["id"], tables["indexed"].IdentityIndex);
        Assert.Equal(2, tables["split"].Leaves.Length);
        Assert.Equal(15, tables["split"].EstimatedRows);
        Assert.Empty(tables["indexed"].Leaves);
        Assert.Equal(-1, tables["indexed"].EstimatedRows);
    }

    [Fact]
    public async Task A_table_that_is_locked_can_be_described()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA busy; CREATE TABLE busy.t (id int PRIMARY KEY); CREATE TABLE busy.p (id int) PARTITION BY RANGE (id); CREATE TABLE busy.p1 PARTITION OF busy.p DEFAULT; CREATE PUBLICATION busy FOR TABLE busy.t, busy.p WITH (publish_via_partition_root = true)");
        await using var locker = await server.Data.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await locker.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await Snapshot.InitialSnapshotTests.RunAsync(locker, "LOCK TABLE busy.t, busy.p IN ACCESS EXCLUSIVE MODE");
        await using var data = Npgsql.NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=5");
        await using var connection = await data.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var tables = await Publication.TablesAsync(connection, "busy", TestContext.Current.CancellationToken);
        Assert.Equal(["p", "t"], tables.Select(t => t.Table.Name));
        Assert.Single(tables[0].Table.Leaves);
    }
}
