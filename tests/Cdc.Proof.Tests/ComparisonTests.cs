using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>The comparison on the real engine, with tables filled by SQL: equal where equal, and one changed value is seen.</summary>
public sealed class ComparisonTests(Engine engine)
{
    private static readonly FeedMode Mode = FeedMode.Parse(Corpus.Connector("plain"));
    private static readonly IReadOnlyList<SourceMessage> Messages = Corpus.Messages("plain");
    private static readonly IReadOnlyList<TruthTable> Tables = Truth.Load("truth.final");
    private static readonly FeedIndex Feed = new(Messages, Mode, Tables);

    [Theory]
    [InlineData("types.numbers")]
    [InlineData("types.strings")]
    [InlineData("types.binaries")]
    [InlineData("types.times")]
    [InlineData("types.arrays")]
    [InlineData("types.ranges_geo")]
    [InlineData("types.defaults")]
    [InlineData("ident.toast")]
    [InlineData("ident.composite")]
    [InlineData("ident.numpk")]
    [InlineData("We!rd Schema.Or der.s`x")]
    public async Task A_table_that_holds_the_source_is_equal(string name)
    {
        var (database, table) = await FillAsync(name);

        var result = await CompareAsync(database, table);

        Assert.True(result.Differences.Count == 0, result.ToString());
        Assert.True(result.Exact > 0);
    }

    [Theory]
    [InlineData("types.numbers", "c_int8", "c_int8 + 1")]
    [InlineData("types.numbers", "c_num_38_18", "c_num_38_18 + toDecimal64(0.000000000000000001, 18)")]
    [InlineData("types.strings", "c_text", "concat(c_text, ' ')")]
    [InlineData("types.times", "c_ts", "c_ts + INTERVAL 1 MICROSECOND")]
    [InlineData("types.arrays", "a_text", "arrayReverse(a_text)")]
    [InlineData("types.binaries", "c_bytea", "concat(c_bytea, '\\0')")]
    [InlineData("ident.dflt", "v", "NULL")]
    public async Task One_changed_value_is_a_difference(string name, string column, string changed)
    {
        var (database, table) = await FillAsync(name);
        await engine.Reader.ExecuteAsync($"ALTER TABLE {database}.{table.Name} UPDATE {column} = {changed} WHERE {table.Key[0]} = {(name == "ident.dflt" ? 11 : 1)} SETTINGS mutations_sync = 1");

        var result = await CompareAsync(database, table);

        var difference = Assert.Single(result.Differences);
        Assert.Equal(column, difference.Column);
    }

    [Fact]
    public async Task A_missing_row_and_a_row_too_many_are_differences()
    {
        var (database, table) = await FillAsync("ident.numpk");
        await engine.Reader.ExecuteAsync($"ALTER TABLE {database}.{table.Name} UPDATE v = v WHERE 1 SETTINGS mutations_sync = 1");
        await engine.Reader.ExecuteAsync($"DELETE FROM {database}.{table.Name} WHERE id = 1.5");
        await engine.Reader.ExecuteAsync($"INSERT INTO {database}.{table.Name} VALUES (99, 9)");

        var result = await CompareAsync(database, table);

        Assert.Equal(2, result.Differences.Count);
    }

    [Fact]
    public async Task A_missing_dead_letter_is_a_difference()
    {
        var (database, table) = await FillAsync("types.times");

        var result = await CompareAsync(database, table, []);

        Assert.Equal(result.Refused.Values.Sum(), result.Differences.Count);
    }

    private async Task<(string Database, TruthTable Table)> FillAsync(string name)
    {
        var table = Tables.Single(t => t.ToString() == name);
        var database = $"comparison_{Guid.NewGuid():N}";
        await TruthTarget.FillAsync(engine.Reader, database, table, Feed, Mode);
        return (database, table);
    }

    private async Task<ComparisonResult> CompareAsync(string database, TruthTable table, IEnumerable<DeadLetter>? letters = null)
    {
        var result = new ComparisonResult();
        var columns = await engine.Reader.ColumnsAsync(database, table.Name);
        var rows = await engine.Reader.RowsAsync(database, table.Name, columns, table);
        new TableComparison(table, Feed, Mode, new LetterBox(letters ?? Refusals(table)), result).Compare(columns, rows);
        return result;
    }

    // types.times is the one table of these with refused rows, each by its c_date or a later column.
    private static IEnumerable<DeadLetter> Refusals(TruthTable table)
    {
        var id = new TableId("lab", table.Schema, table.Name);
        foreach (var row in table.Rows)
        {
            var types = table.Columns.Select(c => Cdc.TestSupport.Values.PgType.Parse(c.Type)).ToList();
            var refused = types.FindIndex(t => t.Name is "date" or "timestamp without time zone" or "timestamp with time zone" && !t.IsArray
                && row[types.IndexOf(t)] is { } text && Cdc.TestSupport.Values.PgTime.Refusal(text) is not null);
            if (refused < 0) continue;
            foreach (var message in Feed.Of(table, TruthTarget.KeyOf(table, row, Mode)))
            {
                yield return new DeadLetter(message.Position, id, table.Columns[refused].Name, DeadLetterReason.ValueRefused, $"{table}.{table.Columns[refused].Name}: {Cdc.TestSupport.Values.PgTime.Refusal(row[refused]!) switch { RefusalReason.Infinity => "infinite", _ => "outside the range" }}", null);
            }
        }
    }
}
