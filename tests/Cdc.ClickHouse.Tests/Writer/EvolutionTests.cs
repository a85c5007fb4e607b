using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class EvolutionTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table(params ColumnShape[] rest) => new(database, "t", ["id"], [Column("id", ValueKind.Int64), .. rest]);

    private Task<string> TypeAsync(string column) => engine.QueryAsync($"SELECT type FROM system.columns WHERE database = '{database}' AND table = 't' AND name = '{column}'");

    private Task<string> FinalAsync(string columns) => engine.QueryAsync($"SELECT {columns} FROM {database}.t_current ORDER BY id");

    private static ColumnShape Decimal(string name, int precision, int scale) => new(name, new SourceType(ValueKind.Decimal) { Precision = precision, Scale = scale }, false);

    [Fact]
    public async Task A_new_column_is_added_and_rows_from_before_have_its_default()
    {
        var before = Table(Column("a", ValueKind.String));
        var after = Table(
            Column("a", ValueKind.String), Column("b", ValueKind.Int32, nullable: true),
            Column("c", ValueKind.String) with { Default = "o'ne\\"u8.ToArray() }, Column("d", ValueKind.Timestamp) with { Default = "2024-02-29T12:00:00Z"u8.ToArray() });
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.WriteAsync(before.Insert(10, "1", "x"), after.Insert(20, "2", "y", "7", "z", "2025-01-01T00:00:00Z"), before.Insert(11, "3", "old"));
        Assert.Equal("1\tx\t\\N\to\\'ne\\\\\t2024-02-29 12:00:00.000000\n2\ty\t7\tz\t2025-01-01 00:00:00.000000\n3\told\t\\N\to\\'ne\\\\\t2024-02-29 12:00:00.000000", await FinalAsync("*"));
    }

    [Fact]
    public async Task Two_shapes_that_alternate_fill_one_block_each()
    {
        var before = Table(Column("a", ValueKind.String));
        var after = Table(Column("a", ValueKind.String), Column("b", ValueKind.Int32, nullable: true));
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.WriteAsync(after.Insert(1, "0", "x", "7"));
        for (ulong i = 1; i <= 100; i++) await writer.AppendAsync(i % 2 == 0 ? before.Insert(i + 1, $"{i}", "x") : after.Insert(i + 1, $"{i}", "x", "7"));
        Assert.Equal((100, 2), (await writer.FlushAsync(WriterExtensions.Cancel)) is { Tables: [var flush] } ? (flush.Applied, flush.Inserts) : default);
    }

    [Fact]
    public async Task Columns_become_wider_where_nothing_is_lost()
    {
        await engine.WriteAsync(null, Table(Column("n", ValueKind.Int32), Decimal("d", 5, 2), Column("s", ValueKind.String)).Insert(10, "1", "5", "1.25", "x"));
        await engine.WriteAsync(null, Table(Column("n", ValueKind.Int64), Decimal("d", 12, 4), Column("s", ValueKind.String, nullable: true)).Insert(20, "2", "5000000000", "12345678.1234", null));
        Assert.Equal(("Int64", "Decimal(12, 4)", "Nullable(String)"), (await TypeAsync("n"), await TypeAsync("d"), await TypeAsync("s")));
        Assert.Equal("1\t5\t1.25\tx\n2\t5000000000\t12345678.1234\t\\N", await FinalAsync("id, n, d, s"));

        // An older message that comes again fits the wider columns.
        await engine.WriteAsync(null, Table(Column("n", ValueKind.Int32), Decimal("d", 5, 2), Column("s", ValueKind.String)).Insert(30, "3", "6", "2.50", "y"));
        Assert.Equal("Int64", await TypeAsync("n"));
        Assert.EndsWith("3\t6\t2.5\ty", await FinalAsync("id, n, d, s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decimal_that_grows_before_and_behind_the_point_at_different_times_holds_both()
    {
        await engine.WriteAsync(null, Table(Decimal("d", 10, 6)).Insert(10, "1", "1234.123456"));
        await engine.WriteAsync(null, Table(Decimal("d", 12, 2)).Insert(20, "2", "1234567890.12"));
        Assert.Equal("Decimal(16, 6)", await TypeAsync("d"));
        Assert.Equal("1\t1234.123456\n2\t1234567890.12", await FinalAsync("id, d"));
    }

    [Fact]
    public async Task Another_type_stops_the_table_and_names_the_way_out()
    {
        await engine.WriteAsync(null, Table(Column("v", ValueKind.String)).Insert(10, "1", "x"));
        await using var writer = new ClickHouseWriter(engine.Options());
        var stop = await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync(Table(Column("v", ValueKind.Int32)).Insert(20, "2", "7")));
        Assert.Contains("TypeChange to Replace", stop.Message, StringComparison.Ordinal);
        Assert.Equal("String", await TypeAsync("v"));
        Assert.Single((await writer.FlushAsync(WriterExtensions.Cancel)).Stopped);
    }

    [Fact]
    public async Task A_replaced_column_leaves_out_values_of_its_former_type()
    {
        static void Replace(ClickHouseOptions o) => o.TypeChange = TypeChangePolicy.Replace;
        var text = Table(Column("v", ValueKind.String), Column("w", ValueKind.Int32));
        var number = Table(Column("v", ValueKind.Int32, nullable: true), Column("w", ValueKind.Int32));
        await engine.WriteAsync(Replace, text.Insert(10, "1", "x", "1"));
        await engine.WriteAsync(Replace, number.Insert(20, "2", "7", "2"));
        await engine.WriteAsync(Replace, text.Insert(11, "3", "late", "3"));
        Assert.Equal("Nullable(Int32)", await TypeAsync("v"));
        Assert.Equal("1\t\\N\t1\n2\t7\t2\n3\t\\N\t3", await FinalAsync("id, v, w"));
        await engine.WriteAsync(Replace, Table(Column("v", ValueKind.Uuid, nullable: true), Column("w", ValueKind.Int32)).Insert(30, "4", "00000000-0000-0000-0000-000000000001", "4"), text.Insert(12, "5", "later", "5"), number.Insert(21, "6", "8", "6"));
        Assert.Equal("4\t00000000-0000-0000-0000-000000000001\t4\n5\t\\N\t5\n6\t\\N\t6", (await FinalAsync("id, v, w"))["1\t\\N\t1\n2\t\\N\t2\n3\t\\N\t3\n".Length..]);
    }

    [Fact]
    public async Task New_columns_can_be_ignored_or_stop_the_table()
    {
        var wider = Table(Column("a", ValueKind.String), Column("b", ValueKind.Int32));
        await engine.WriteAsync(null, Table(Column("a", ValueKind.String)).Insert(10, "1", "x"));
        await engine.WriteAsync(o => o.NewColumn = NewColumnPolicy.Ignore, wider.Insert(20, "2", "y", "7"));
        Assert.Equal("1\tx\n2\ty", await FinalAsync("*"));
        await using var writer = new ClickHouseWriter(engine.Options(o => o.CreateTables = false));
        var stop = await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync(wider.Insert(30, "3", "z", "8")));
        Assert.Contains("ADD COLUMN", stop.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_widened_by_somebody_else_under_way_is_converted_without_loss()
    {
        var table = Table(Column("n", ValueKind.Int32));
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.WriteAsync(table.Insert(10, "1", "5"));
        await engine.QueryAsync($"ALTER TABLE {database}.t MODIFY COLUMN n Nullable(Int64)");
        await writer.WriteAsync(table.Insert(20, "2", "-6"));
        Assert.Equal("1\t5\n2\t-6", await FinalAsync("id, n"));
    }

    [Fact]
    public async Task A_column_changed_or_dropped_by_somebody_else_under_way_stops_the_table()
    {
        var table = Table(Column("n", ValueKind.Int64), Column("m", ValueKind.Int64));
        await using var one = new ClickHouseWriter(engine.Options());
        await using var two = new ClickHouseWriter(engine.Options());
        await one.WriteAsync(table.Insert(10, "1", "5", "5"));
        await two.WriteAsync(table.Insert(11, "1", "5", "5"));
        await engine.QueryAsync($"ALTER TABLE {database}.t MODIFY COLUMN n Int32");
        await one.AppendAsync(table.Insert(20, "2", "5000000000", "1"));
        var stop = Assert.Single((await one.FlushAsync(WriterExtensions.Cancel)).Stopped);
        Assert.Contains("changed from Int64 to Int32", stop.Cause.Message, StringComparison.Ordinal);
        Assert.Equal("1\t5", await FinalAsync("id, n"));
        await engine.QueryAsync($"ALTER TABLE {database}.t MODIFY COLUMN n Int64");
        await engine.QueryAsync($"DROP VIEW {database}.t_current");
        await engine.QueryAsync($"ALTER TABLE {database}.t DROP COLUMN m");
        await two.AppendAsync(table.Insert(30, "3", "7", "7"));
        Assert.Contains("m was dropped", Assert.Single((await two.FlushAsync(WriterExtensions.Cancel)).Stopped).Cause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_may_have_been_renamed_stops_the_table_until_somebody_says_so()
    {
        var before = Table(Column("a", ValueKind.String, nullable: true), Column("n", ValueKind.Int32));
        var after = Table(Column("a]b", ValueKind.String, nullable: true), Column("n", ValueKind.Int32));
        await engine.WriteAsync(null, before.Insert(10, "1", "one", "1"), before.Insert(11, "2", "two", "2"));
        await using (var writer = new ClickHouseWriter(engine.Options()))
        {
            var stop = await Assert.ThrowsAsync<TableStoppedException>(() => writer.AppendAsync(after.Update(20, "1", "uno", "1")));
            Assert.Contains("RENAME COLUMN `a` TO `a]b`", stop.Message, StringComparison.Ordinal);
            Assert.Contains("ADD COLUMN", stop.Message, StringComparison.Ordinal);
        }

        // A message from before the rename that comes again still finds its column.
        await engine.WriteAsync(o => o.Rename = RenamePolicy.Rename, after.Update(20, "1", "uno", "1"), before.Insert(12, "3", "three", "3"), before.Update(13, "3", "drei", "3"));
        Assert.Equal("1\tuno\t1\n2\ttwo\t2\n3\tdrei\t3", await FinalAsync("*"));
        await engine.WriteAsync(o => o.Rename = RenamePolicy.Add, Table(Column("c", ValueKind.String, nullable: true), Column("n", ValueKind.Int32)).Update(30, "2", "zwei", "2"));
        Assert.Equal("1\tuno\t1\t\\N\n2\ttwo\t2\tzwei\n3\tdrei\t3\t\\N", await FinalAsync("id, `a]b`, n, c"));
    }
}
