using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Plan;

public class RefusalTests(EngineFixture engine)
{
    private const string Columns = "(id Int64, v String, x Int64, _version UInt128, _is_deleted UInt8)";
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table(VersionLayout layout = VersionLayout.Log, params string[] key) =>
        new(new TableId("", database, "t"), key.Length > 0 ? key : ["id"], layout, Column("id", ValueKind.Int64), Column("v", ValueKind.String), Column("x", ValueKind.Int64));

    private async Task<string> StopAsync(string create, TestTable? table = null, Action<ClickHouseOptions>? set = null)
    {
        await engine.QueryAsync($"CREATE DATABASE IF NOT EXISTS {database}");
        if (create.Length > 0) await engine.QueryAsync($"CREATE TABLE {database}.t {create}");
        await using var writer = new ClickHouseWriter(engine.Options(set));
        return (await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync((table ?? Table()).Insert(1, "1", "a", "1")))).Message;
    }

    [Theory]
    [InlineData($"{Columns} ENGINE = Memory", "loses rows")]
    [InlineData($"{Columns} ENGINE = Null", "loses rows")]
    [InlineData($"{Columns} ENGINE = MergeTree ORDER BY id", "every version")]
    [InlineData($"{Columns} ENGINE = SummingMergeTree ORDER BY id", "every version")]
    [InlineData($"{Columns} ENGINE = Buffer('', '', 1, 1, 1, 1, 1, 1, 1)", "loses rows")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree ORDER BY id", "without a version column")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version) ORDER BY id", "no is_deleted")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(x, _is_deleted) ORDER BY id", "VersionColumn")]
    [InlineData("(id Int64, v String, x Int64, _version UInt64, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id", "UInt128")]
    [InlineData("(id Int64, v String, x Int64, _version Float64, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id", "UInt128")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY (id, x)", "sorting key")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY x", "sorting key")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY intDiv(id, 2)", "sorting key")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) PARTITION BY x % 4 ORDER BY id", "partition key")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id COMMENT 'cdc layout=offset-1'", "offset-1")]
    [InlineData("(id Int64, v Date, x Int64, _version UInt128, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id", "cannot enter")]
    [InlineData("(id Int64, v String, x Float32, _version UInt128, _is_deleted UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id", "cannot enter")]
    [InlineData("(id Int64, v String, x Int64, _version UInt128, _is_deleted UInt8, _op UInt8) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id", "_op")]
    public async Task A_table_that_cannot_hold_changes_is_refused_with_the_reason(string create, string reason) =>
        Assert.Contains(reason, await StopAsync(create), StringComparison.Ordinal);

    [Theory]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id")]
    [InlineData($"{Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) PARTITION BY intDiv(id, 1000) ORDER BY (id)")]
    [InlineData("(id Int64, v LowCardinality(String), x Int256, more String DEFAULT 'y', _version UInt128, _is_deleted UInt8, _op String) ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY id")]
    public async Task A_table_of_the_users_own_is_taken_as_it_is(string create)
    {
        await engine.QueryAsync($"CREATE DATABASE IF NOT EXISTS {database}");
        await engine.QueryAsync($"CREATE TABLE {database}.t {create}");
        var table = Table();
        await engine.WriteAsync(o => o.CreateTables = false, table.Insert(1, "1", "a", "7"), table.Insert(2, "2", "b", "8"), table.Delete(3, "2"));
        Assert.Equal("1\ta\t7", await engine.QueryAsync($"SELECT id, v, x FROM {database}.t FINAL"));
    }

    [Fact]
    public async Task A_missing_table_is_not_created_when_that_is_off() =>
        Assert.Contains("CREATE TABLE", await StopAsync("", set: o => o.CreateTables = false), StringComparison.Ordinal);

    [Fact]
    public async Task Messages_without_a_version_are_refused() =>
        Assert.Contains("no version", await StopAsync("", Table(VersionLayout.None)), StringComparison.Ordinal);

    [Fact]
    public async Task A_key_with_several_columns_may_stand_in_any_order()
    {
        await engine.QueryAsync($"CREATE DATABASE {database}");
        await engine.QueryAsync($"CREATE TABLE {database}.t {Columns} ENGINE = ReplacingMergeTree(_version, _is_deleted) ORDER BY (x, id)");
        var table = Table(VersionLayout.Log, "id", "x");
        await engine.WriteAsync(null, table.Insert(1, "1", "a", "7"), table.Delete(2, "1", "7"), table.Insert(3, "2", "b", "7"));
        Assert.Equal("2\tb\t7", await engine.QueryAsync($"SELECT id, v, x FROM {database}.t FINAL"));
    }

    [Fact]
    public async Task A_table_without_a_key_stops_and_names_the_choices()
    {
        var table = new TestTable(database, "t", [], Column("id", ValueKind.Int64), Column("v", ValueKind.String), Column("x", ValueKind.Int64));
        var message = await StopAsync("", table);
        Assert.Contains($"Tables[\"{database}.t\"].Key", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_named_by_the_options_lets_rows_move_and_leave()
    {
        var table = new TestTable(database, "t", [], Column("id", ValueKind.Int64), Column("v", ValueKind.String, nullable: true), Column("x", ValueKind.Int64));
        void All(ClickHouseOptions o) => o.Tables[$"{database}.t"] = new ClickHouseTableOptions { Key = { "*" } };
        var delete = table.UpdateWithBefore(30, ["2", null, "2"], "0", "", "0");
        delete.Operation = ChangeOperation.Delete;
        await engine.WriteAsync(All,
            table.Insert(10, "1", "a", "1"), table.Insert(11, "2", null, "2"),
            table.UpdateWithBefore(20, ["1", "a", "1"], "1", "b", "1"), table.UpdateWithBefore(21, ["1", "b", "1"], "1", "b", "1"), delete);
        Assert.Equal("1\tb\t1", await engine.QueryAsync($"SELECT id, v, x FROM {database}.t FINAL"));
    }
}
