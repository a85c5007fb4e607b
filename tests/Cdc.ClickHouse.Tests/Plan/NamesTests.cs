using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Plan;

public class NamesTests(EngineFixture engine)
{
    public static TheoryData<string> Hostile =>
    [
        "a`b", "a\\b", "a'b", "a\"b", "a.b", "a b", "a;DROP TABLE x", "a\nb", "a\tb", "ünï-cödé", "`", "\\`", "`a`", "a--b", "a/*b", "{a:String}", "a)b", "a,b", "$1", "日本", "SELECT", new string('n', 150), "%41", "a?b&c=d#e", "a\rb", "😀",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Names_are_kept_exactly_and_stay_names(string name)
    {
        var database = WriterExtensions.NewDatabase();
        var table = new TestTable(new TableId("", database, name), [$"{name} id", name], VersionLayout.Log, Column($"{name} id", ValueKind.Int64), Column(name, ValueKind.String), Column($"{name}\\", ValueKind.String));
        await engine.WriteAsync(null, table.Insert(10, "1", "k", "x"), table.Insert(11, "2", "k", "y"), table.Update(20, "1", "k", Unavailable), table.Delete(30, "2", "k"));
        await engine.WriteAsync(null, table.Insert(40, "3", "k", "z"));
        Assert.Equal(2, int.Parse(await engine.QueryAsync($"SELECT count() FROM system.tables WHERE database = '{database}' AND name IN (unhex('{Hex(name)}'), unhex('{Hex(name + "_current")}'))"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("3", await engine.QueryAsync($"SELECT count() FROM system.columns WHERE database = '{database}' AND table = unhex('{Hex(name)}') AND name IN (unhex('{Hex(name + " id")}'), unhex('{Hex(name)}'), unhex('{Hex(name + "\\")}'))"));
        var view = (await engine.QueryAsync($"SELECT hex(name) FROM system.tables WHERE database = '{database}' AND engine = 'View'")).Trim();
        Assert.Equal(Hex(name + "_current"), view, ignoreCase: true);
    }

    [Fact]
    public async Task A_name_that_the_server_cannot_keep_is_refused()
    {
        var table = new TestTable(WriterExtensions.NewDatabase(), new string('n', 201), ["id"], Column("id", ValueKind.Int64));
        await using var writer = new ClickHouseWriter(engine.Options());
        var stop = await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync(table.Insert(1, "1")));
        Assert.Contains("200 bytes", stop.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_named_like_the_writers_own_is_refused_until_that_has_another_name()
    {
        var database = WriterExtensions.NewDatabase();
        var table = new TestTable(database, "t", ["id"], Column("id", ValueKind.Int64), Column("_op", ValueKind.String));
        await using var writer = new ClickHouseWriter(engine.Options());
        await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync(table.Insert(1, "1", "x")));
        await engine.WriteAsync(o =>
        {
            o.OperationColumn = "cdc op";
            o.VersionColumn = "cdc`version";
            o.DeletedColumn = "cdc\\deleted";
        }, table.Insert(1, "1", "x"), table.Insert(2, "2", "x"), table.Delete(3, "2"));
        Assert.Equal("1\tx\tc", await engine.QueryAsync($"SELECT id, _op, `cdc op` FROM {database}.t FINAL"));
    }

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
}
