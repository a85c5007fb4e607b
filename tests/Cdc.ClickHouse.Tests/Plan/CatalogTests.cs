using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Plan;

public class CatalogTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    [Fact]
    public async Task The_writers_own_tables_tell_the_types_of_their_source()
    {
        ColumnShape[] columns =
        [
            new("id", new SourceType(ValueKind.Int64) { Name = "int8" }, false),
            new("price", new SourceType(ValueKind.Decimal) { Precision = 10, Scale = 2, Name = "numeric(10,2)" }, true),
            new("odd", new SourceType(ValueKind.Decimal) { Precision = 3, Scale = -2, Name = "numeric(3,-2)" }, true),
            new("tags", new SourceType(ValueKind.Array) { Element = new SourceType(ValueKind.String), Name = "text[]" }, true),
            new("flags", new SourceType(ValueKind.Bits) { Length = 8 }, false),
            new("at", new SourceType(ValueKind.ZonedTimestamp) { Precision = 6, Name = "timestamptz" }, true),
            new("doc", new SourceType(ValueKind.Json) { Name = "jsonb" }, false),
        ];
        var table = new TestTable(new TableId("app", "schéma/x", "or ders"), ["id"], VersionLayout.Log, columns);
        await engine.WriteAsync(o => o.Database = database, table.Insert(1, "1", "1.25", null, "a,b", "\u0001", "2024-01-01T00:00:00Z", "{}"));
        var catalog = await ClickHouseCatalog.ReadAsync(engine.Options(o => o.Database = database), WriterExtensions.Cancel);
        Assert.True(catalog.TryGet(new TableId("whatever", "schéma/x", "or ders"), out var found));
        Assert.Equal(columns, found.Columns);
        Assert.Equal(["id"], found.Key);
    }

    [Fact]
    public async Task A_table_of_the_same_source_in_another_database_is_another_writers()
    {
        var table = new TestTable(new TableId("", "elsewhere", "orders"), ["id"], VersionLayout.Log, Column("id", ValueKind.Int64));
        await engine.WriteAsync(o => o.Database = database, table.Insert(1, "1"));

        var catalog = await ClickHouseCatalog.ReadAsync(engine.Options(o => o.Database = "yet_another"), WriterExtensions.Cancel);

        Assert.False(catalog.TryGet(new TableId("", "elsewhere", "orders"), out _));
    }

    [Fact]
    public async Task Tables_of_the_users_own_tell_the_types_of_their_columns()
    {
        await engine.QueryAsync($"CREATE DATABASE {database}");
        await engine.QueryAsync($"CREATE TABLE {database}.mine (a Int32, b Nullable(Decimal(9, 3)), c Array(Nullable(UUID)), d DateTime64(3), e LowCardinality(String), _version UInt128, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY (a, e)");
        await engine.QueryAsync($"CREATE TABLE {database}.other (a Int32) ENGINE = MergeTree ORDER BY a");
        var catalog = await ClickHouseCatalog.ReadAsync(engine.Options(o => o.Tables["shop.orders"] = new ClickHouseTableOptions { Database = database, Table = "mine" }), WriterExtensions.Cancel);
        Assert.True(catalog.TryGet(new TableId("", "shop", "orders"), out var found));
        Assert.Equal(["a", "e"], found.Key);
        Assert.Equal(
            [
                Column("a", ValueKind.Int32), new("b", new SourceType(ValueKind.Decimal) { Precision = 9, Scale = 3 }, true),
                new("c", new SourceType(ValueKind.Array) { Element = new SourceType(ValueKind.Uuid) }, false),
                new("d", new SourceType(ValueKind.Timestamp) { Precision = 3 }, false), Column("e", ValueKind.String),
            ],
            found.Columns);
        Assert.False(catalog.TryGet(new TableId("", database, "other"), out _));
    }
}
