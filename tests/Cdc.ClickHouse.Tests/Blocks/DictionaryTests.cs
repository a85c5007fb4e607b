using System.Globalization;
using System.Text;
using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Blocks;

/// <summary>The dictionaries of LowCardinality columns as they grow.</summary>
public sealed class DictionaryTests(EngineFixture engine)
{
    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public async Task A_dictionary_of_any_size_holds_its_rows_whole_and_in_parts(int labels)
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (v LowCardinality(String)) ENGINE = MergeTree ORDER BY tuple()");
        using var block = NewBlock(out var column);
        for (var i = 0; i < labels + 10; i++) Append(block, column, i % labels);

        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(0, block.Rows)));
        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(0, labels / 2)));
        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(labels / 2, block.Rows - (labels / 2))));

        var wrong = $"SELECT count() FROM (SELECT toUInt32(v) AS n, count() AS c FROM {table} GROUP BY n HAVING c != 2 + 2 * (n < 10))";
        Assert.Equal($"0\t{labels}", await engine.QueryAsync($"SELECT ({wrong}), uniqExact(v) FROM {table}"));
    }

    [Fact]
    public void A_part_carries_only_the_entries_that_it_uses()
    {
        using var block = NewBlock(out var column);
        for (var i = 0; i < 10_000; i++) Append(block, column, i);

        Assert.InRange(block.Content(5_000, 1).Headers.ContentLength!.Value, 1, 100);
    }

    [Fact]
    public void Withdrawn_rows_take_their_entries_with_them_however_many_there_were()
    {
        using var block = NewBlock(out var column);
        using var model = NewBlock(out var modelColumn);
        for (var i = 0; i < 200; i++) Append(block, column, i);
        for (var i = 0; i < 200; i++) Append(model, modelColumn, i);
        for (var i = 0; i < 70_000; i++) Append(block, column, i);
        for (var i = 200; i < 70_000; i++) Append(model, modelColumn, i);

        block.Truncate(200);
        for (var i = 150; i < 250; i++) Append(block, column, i);
        model.Truncate(200);
        for (var i = 150; i < 250; i++) Append(model, modelColumn, i);

        Assert.Equal(Bytes(model), Bytes(block));
        Assert.Equal(251, DictionarySize(Bytes(block)));
    }

    private static int DictionarySize(byte[] body)
    {
        // Two varints, the name, the type, the version and the flags stand before the number of keys.
        var header = 2 + 1 + 1 + 1 + 1 + Encoding.UTF8.GetByteCount("LowCardinality(String)") + 8 + 8;
        return BitConverter.ToInt32(body, header);
    }

    private static Block NewBlock(out LowCardinalityColumn column)
    {
        column = (LowCardinalityColumn)ColumnFactory.Create(ClickHouseType.Parse("LowCardinality(String)"), ColumnRules.Default);
        return new Block([new BlockColumn("v", column)]);
    }

    private static void Append(Block block, LowCardinalityColumn column, int number)
    {
        Span<byte> text = stackalloc byte[10];
        number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        column.AppendText(text[..length]);
        block.EndRow(default);
    }

    private static byte[] Bytes(Block block)
    {
        using var content = block.Content(0, block.Rows);
        using var stream = new MemoryStream();
        content.CopyTo(stream, null, CancellationToken.None);
        return stream.ToArray();
    }
}
