using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class UnchangedValueTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table(string name = "docs") => new(
        database, name, ["id"],
        Column("id", ValueKind.Int64), Column("title", ValueKind.String), Column("body", ValueKind.String, nullable: true),
        new("n", new SourceType(ValueKind.Decimal) { Precision = 40, Scale = 3 }, true),
        new("tags", new SourceType(ValueKind.Array) { Element = new SourceType(ValueKind.Int32) }, false),
        Column("label", ValueKind.Enum));

    private Task<string> FinalAsync() => engine.QueryAsync($"SELECT id, title, body, n, tags, label FROM {database}.docs_current ORDER BY id");

    [Fact]
    public async Task Stored_values_of_every_form_are_copied_unchanged()
    {
        var t = Table();
        await engine.WriteAsync(null, t.Insert(10, "1", "a", "long\tbody", "-1234567890123456789.125", "1,NULL,3", "red"), t.Insert(11, "2", "b", null, null, "", "blue"));
        await engine.WriteAsync(null,
            t.Update(20, "1", "A", Unavailable, Unavailable, Unavailable, Unavailable), t.Update(21, "2", "B", Unavailable, Unavailable, Unavailable, Unavailable));
        Assert.Equal("1\tA\tlong\\tbody\t-1234567890123456789.125\t[1,NULL,3]\tred\n2\tB\t\\N\t\\N\t[]\tblue", await FinalAsync());
    }

    [Fact]
    public async Task Waiting_updates_of_one_row_build_on_each_other()
    {
        var t = Table();
        var result = await engine.WriteAsync(null,
            t.Insert(10, "1", "a", "one", "1.5", "1", "x"),
            t.Update(20, "1", "b", Unavailable, "2.5", "1", "x"),
            t.Update(30, "1", "c", Unavailable, Unavailable, "1", "x"),
            t.Update(40, "1", "d", "four", Unavailable, "1", "x"),
            t.Update(50, "1", "e", Unavailable, Unavailable, "1", "x"));
        Assert.Equal("1\te\tfour\t2.5\t[1]\tx", await FinalAsync());
        Assert.Equal(5, Assert.Single(result.Tables).Applied);
        Assert.Equal("a\tone\t1.5\nb\tone\t2.5\nc\tone\t2.5\nd\tfour\t2.5\ne\tfour\t2.5", await engine.QueryAsync($"SELECT title, body, n FROM {database}.docs ORDER BY _version"));
    }

    [Fact]
    public async Task A_row_of_the_first_snapshot_is_found_although_its_version_is_zero()
    {
        var t = Table();
        await engine.WriteAsync(null, t.Read(0, "1", "a", "one", null, "", "x"), t.Update(20, "1", "b", Unavailable, null, "", "x"));
        Assert.Equal("1\tb\tone\t\\N\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task A_complete_update_between_two_waiting_ones_is_built_upon()
    {
        var t = Table();
        await engine.WriteAsync(null,
            t.Insert(10, "1", "a", "one", null, "", "x"), t.Update(20, "1", "b", Unavailable, null, "", "x"),
            t.Update(30, "1", "c", "three", null, "", "x"), t.Update(40, "1", "d", Unavailable, null, "", "x"));
        Assert.Equal("1\td\tthree\t\\N\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task A_change_of_key_takes_the_values_of_the_old_key()
    {
        var t = Table();
        await engine.WriteAsync(null,
            t.Insert(10, "1", "a", "one", "7", "", "x"),
            t.Delete(20, "1"), t.Move(20, ["1"], "2", "b", Unavailable, Unavailable, "", "x"),
            t.Delete(30, "2"), t.Move(30, ["2"], "3", "c", Unavailable, "8", "", "x"),
            t.Update(40, "3", "d", Unavailable, Unavailable, "", "x"));
        Assert.Equal("3\td\tone\t8\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task The_image_before_is_used_where_it_holds_the_value()
    {
        var t = Table();
        var result = await engine.WriteAsync(null, t.UpdateWithBefore(20, ["1", "a", "kept", "1", "", "x"], "1", "b", Unavailable, "2", "", "x"));
        Assert.Equal("1\tb\tkept\t2\t[]\tx", await FinalAsync());
        Assert.Equal(1, Assert.Single(result.Tables).Inserts);
    }

    [Fact]
    public async Task A_row_that_the_target_holds_newer_is_superseded()
    {
        var t = Table();
        await engine.WriteAsync(null, t.Insert(50, "1", "new", "newest", null, "", "x"));
        var result = await engine.WriteAsync(null, t.Update(40, "1", "late", Unavailable, null, "", "x"));
        Assert.Equal((0, 1), (Assert.Single(result.Tables).Applied, Assert.Single(result.Tables).Superseded));
        Assert.Equal("1\tnew\tnewest\t\\N\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task A_row_written_again_after_its_predecessor_was_merged_away_is_not_refused()
    {
        var t = Table();
        ChangeEvent[] history = [t.Insert(10, "1", "a", "one", null, "", "x"), t.Update(20, "1", "b", Unavailable, null, "", "x")];
        await engine.WriteAsync(null, history);
        await engine.QueryAsync($"OPTIMIZE TABLE {database}.docs FINAL");
        await engine.WriteAsync(null, history[1]);
        Assert.Equal("1\tb\tone\t\\N\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task A_value_that_is_nowhere_is_refused_with_the_way_out()
    {
        var t = Table();
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.WriteAsync(t.Insert(10, "1", "a", "one", null, "", "x"), t.Delete(15, "1"));
        await writer.AppendAsync(t.Update(20, "1", "b", Unavailable, null, "", "x"), t.Update(21, "9", "b", null, Unavailable, "", "x"), t.Insert(22, "5", "ok", "y", null, "", "x"));
        var result = await writer.FlushAsync(WriterExtensions.Cancel);
        Assert.Equal(["body", "n"], result.Rejected.Select(r => r.Column));
        Assert.All(result.Rejected, r => Assert.Equal(DeadLetterReason.UnavailableValue, r.Reason));
        Assert.Contains("REPLICA IDENTITY FULL", result.Rejected[0].Detail, StringComparison.Ordinal);
        Assert.Equal([2, 3], result.Rejected.Select(r => r.Position.Position));
        Assert.Equal("5\tok\ty\t\\N\t[]\tx", await FinalAsync());
    }

    [Fact]
    public async Task Columns_that_the_messages_lack_keep_what_the_target_holds()
    {
        await engine.WriteAsync(null, Table().Insert(10, "1", "a", "one", "1", "5", "x"));
        var fewer = new TestTable(database, "docs", ["id"], Column("id", ValueKind.Int64), Column("title", ValueKind.String));
        await engine.WriteAsync(null, fewer.Update(20, "1", "b"), fewer.Insert(21, "2", "new"), fewer.Update(22, "3", "unseen"));
        Assert.Equal("1\tb\tone\t1\t[5]\tx\n2\tnew\t\\N\t\\N\t[]\t\n3\tunseen\t\\N\t\\N\t[]\t", await FinalAsync());
        await engine.WriteAsync(o => o.AbsentColumns = AbsentColumnPolicy.Default, fewer.Update(30, "1", "c"));
        Assert.StartsWith("1\tc\t\\N\t\\N\t[]\t", await FinalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_cell_of_an_update_keeps_its_value_too()
    {
        var t = Table();
        await engine.WriteAsync(null, t.Insert(10, "1", "a", "one", "1", "5", "x"), t.Update(20, "1", "b", "two", Absent, "5", "x"));
        Assert.Equal("1\tb\ttwo\t1\t[5]\tx", await FinalAsync());
    }

    [Fact]
    public async Task Many_waiting_rows_need_few_requests()
    {
        var t = Table();
        await engine.WriteAsync(null, [.. Enumerable.Range(0, 3000).Select(i => t.Insert(10, $"{i}", "a", $"body {i}", null, "", "x"))]);
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) => new Fault.None());
        await engine.WriteAsync(o => o.Endpoint = proxy.Endpoint, [.. Enumerable.Range(0, 3000).Select(i => t.Update(20, $"{i}", "b", Unavailable, null, "", "x"))]);
        Assert.Equal("3000\t3000", await engine.QueryAsync($"SELECT count(), countIf(title = 'b' AND body = concat('body ', toString(id))) FROM {database}.docs_current"));
        Assert.InRange(proxy.Requests.Count, 1, 20);
    }
}
