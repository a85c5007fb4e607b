using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;
using Cdc.ClickHouse.Tests.Columns;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.ClickHouse.Tests.Blocks;

public sealed class BlockTests(EngineFixture engine)
{
    private const string TextField = """{"type":"string","optional":true,"field":"v"}""";
    private const string ArrayField = """{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"v"}""";
    private static readonly string[] Texts = ["\"a\"", "null", "\"\"", "\"bb\"", "\"a\"", "\"ccc\"", "\"\\u00e9\""];

    private static Block NewBlock(string type) => new([new BlockColumn("v", ColumnFactory.Create(ClickHouseType.Parse(type), ColumnRules.Default))]);

    private static void Append(Block block, ChangeEvent change)
    {
        block.Columns[0].Encoder.Append(change.After[1]);
        block.EndRow(new RowOrigin(0, block.Rows));
    }

    [Theory]
    [InlineData("Nullable(String)", TextField)]
    [InlineData("LowCardinality(Nullable(String))", TextField)]
    [InlineData("Array(Nullable(String))", ArrayField)]
    [InlineData("Array(LowCardinality(Nullable(String)))", ArrayField)]
    public async Task Slices_hold_exactly_the_rows_of_the_whole(string type, string field)
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (v {type}, part UInt8 DEFAULT 0) ENGINE = MergeTree ORDER BY tuple()");
        using var block = NewBlock(type);
        var values = field == TextField ? Texts : ["[]", "[\"a\",null]", "null", "[\"b\",\"a\",\"c\"]", "[null]", "[\"a\"]", "[]"];
        foreach (var change in Cells.Changes(field, values)) Append(block, change);

        foreach (var (first, count) in new[] { (0, 1), (1, 3), (4, 0), (4, 2), (6, 1) })
        {
            if (count > 0) Assert.Equal((true, ""), await engine.InsertAsync($"{table} (v)", block.Content(first, count)));
        }

        Assert.Equal((true, ""), await engine.InsertAsync($"{table} (v)", block.Content(0, block.Rows)));
        Assert.Equal("0", await engine.QueryAsync($"SELECT count() FROM (SELECT v, count() AS n FROM {table} GROUP BY v HAVING n % 2 = 1)"));
        Assert.Equal("14", await engine.QueryAsync($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task The_body_is_the_same_whenever_it_is_asked_for_and_as_long_as_it_says()
    {
        using var block = NewBlock("Array(LowCardinality(Nullable(String)))");
        foreach (var change in Cells.Changes(ArrayField, ["[\"a\",null]", "[]", "[\"b\"]"])) Append(block, change);

        using var first = block.Content(1, 2);
        using var second = block.Content(1, 2);
        var bytes = await first.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal(bytes, await second.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(bytes.Length, second.Headers.ContentLength);
    }

    [Theory]
    [InlineData("Nullable(String)")]
    [InlineData("LowCardinality(Nullable(String))")]
    [InlineData("Array(Nullable(String))")]
    [InlineData("Array(LowCardinality(Nullable(String)))")]
    public void Withdrawn_rows_leave_no_trace_wherever_they_stood(string type)
    {
        var field = type.StartsWith("Array", StringComparison.Ordinal) ? ArrayField : TextField;
        var values = field == TextField ? Texts : Texts.Select(t => $"[{t},{t}]").ToArray();
        var changes = Cells.Changes(field, values).Select(c => c.Detach()).ToList();
        var rows = Gen.Zip(Gen.Choose(0, changes.Count - 1), ArbMap.Default.GeneratorFor<bool>()).ListOf();
        Prop.ForAll(rows.ToArbitrary(), list =>
        {
            using var block = NewBlock(type);
            using var model = NewBlock(type);
            foreach (var (index, kept) in list)
            {
                block.Columns[0].Encoder.Append(changes[index].After[1]);
                if (kept) block.EndRow(new RowOrigin(0, block.Rows));
                else block.Rollback();
                if (kept) Append(model, changes[index]);
            }

            return block.Rows == model.Rows && Bytes(block).SequenceEqual(Bytes(model));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_cleared_block_is_as_good_as_new_and_appending_allocates_nothing()
    {
        var change = Cells.Changes(TextField, ["\"some text of a row\""]).Single().Detach();
        using var block = NewBlock("LowCardinality(Nullable(String))");
        Fill(block, change, 10_000);
        var full = Bytes(block);
        block.Clear();
        Assert.Equal((0, 0), (block.Rows, block.Bytes));
        Fill(block, change, 10_000);
        Assert.Equal(full, Bytes(block));

        Assert.Equal(0, Allocation.Least(() =>
        {
            block.Clear();
            Fill(block, change, 10_000);
        }));
    }

    [Fact]
    public async Task A_body_says_when_its_block_may_change()
    {
        using var block = NewBlock("Nullable(String)");
        foreach (var change in Cells.Changes(TextField, Texts)) Append(block, change);
        using var content = block.Content(0, block.Rows);
        Assert.True(content.Released.IsCompleted);
        var pipe = new System.IO.Pipelines.Pipe(new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        await using var stream = pipe.Writer.AsStream();

        var copy = content.CopyToAsync(stream, TestContext.Current.CancellationToken);
        Assert.False(content.Released.IsCompleted);
        await pipe.Reader.CompleteAsync();
        await copy;

        Assert.True(content.Released.IsCompleted);
    }

    private static void Fill(Block block, ChangeEvent change, int rows)
    {
        for (var i = 0; i < rows; i++) Append(block, change);
    }

    private static byte[] Bytes(Block block)
    {
        using var content = block.Content(0, block.Rows);
        using var stream = new MemoryStream();
        content.CopyTo(stream, null, CancellationToken.None);
        return stream.ToArray();
    }
}
