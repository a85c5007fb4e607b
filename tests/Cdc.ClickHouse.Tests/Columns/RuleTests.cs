using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Columns;

/// <summary>What a column's rules and its source's type make of a value, in the real engine.</summary>
public sealed class RuleTests(EngineFixture engine)
{
    private const string Text = """{"type":"string","optional":true,"field":"v"}""";
    private const string Instant = """{"type":"string","optional":true,"name":"io.debezium.time.ZonedTimestamp","version":1,"field":"v"}""";
    private const string Micro = """{"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"field":"v"}""";
    private const string Time = """{"type":"int64","optional":true,"name":"io.debezium.time.MicroTime","version":1,"field":"v"}""";
    private const string Date = """{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1,"field":"v"}""";
    private const string Json = """{"type":"string","optional":true,"name":"io.debezium.data.Json","version":1,"field":"v"}""";
    private const string Small = """{"type":"int16","optional":true,"field":"v"}""";
    private const string Texts = """{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"v"}""";
    private const string Integer = """{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"0","connect.decimal.precision":"38"},"field":"v"}""";

    public static TheoryData<string, OutOfRangePolicy, string, string[], string> Rules => new()
    {
        { "DateTime64(6, 'UTC')", OutOfRangePolicy.Clamp, Instant, ["\"infinity\"", "\"-infinity\"", "\"2300-01-01T00:00:00Z\"", "\"+500000-01-01T00:00:00Z\"", "\"-250000-01-01T00:00:00Z\""],
            "2299-12-31 23:59:59.999999|1900-01-01 00:00:00.000000|2299-12-31 23:59:59.999999|2299-12-31 23:59:59.999999|1900-01-01 00:00:00.000000" },
        { "DateTime64(9, 'UTC')", OutOfRangePolicy.Clamp, Micro, ["9223372036825200000", "-2208988800000001", "9999999999999999"],
            "2262-04-11 23:47:16.854775806|1900-01-01 00:00:00.000000000|2262-04-11 23:47:16.854775806" },
        { "DateTime('UTC')", OutOfRangePolicy.Clamp, Micro, ["-1000000", "4294967296000000"], "1970-01-01 00:00:00|2106-02-07 06:28:15" },
        { "Date", OutOfRangePolicy.Clamp, Date, ["-1", "65536"], "1970-01-01|2149-06-06" },
        { "Time64(6)", OutOfRangePolicy.Clamp, Time, ["3600000000000", "-3600000000000", "3599999999999"], "999:59:59.999999|-999:59:59.999999|999:59:59.999999" },
        { "Nullable(DateTime64(3, 'UTC'))", OutOfRangePolicy.Null, Micro, ["9223372036825200000", "1000", "-9223372036832400000"], "NULL|1970-01-01 00:00:00.001|NULL" },
        { "Nullable(Int8)", OutOfRangePolicy.Null, Small, ["128", "5", "-129"], "NULL|5|NULL" },
        { "Nullable(Decimal(3, 0))", OutOfRangePolicy.Null, Integer, ["\"A+c=\"", "\"A+g=\""], "999|NULL" },
        { "String", OutOfRangePolicy.Text, Date, ["-2147472692", "-2147472691", "0", "-1000000"], "infinity|-infinity|1970-01-01|-0768-02-04" },
        { "Int128", OutOfRangePolicy.Refuse, Integer, ["\"f////////////////////w==\"", "\"/w==\"", "\"gAAAAAAAAAAAAAAAAAAAAA==\""], "170141183460469231731687303715884105727|-1|-170141183460469231731687303715884105728" },
        { "UInt64", OutOfRangePolicy.Refuse, Integer, ["\"AP//////////\"", "\"AA==\""], "18446744073709551615|0" },
        { "UInt256", OutOfRangePolicy.Refuse, Integer, ["\"AQ==\""], "1" },
        { "Bool", OutOfRangePolicy.Refuse, Small, ["0", "1"], "false|true" },
        { "Map(String, Nullable(String))", OutOfRangePolicy.Refuse, Json, ["\"{}\"", "\"{\\\"a\\\": \\\"1\\\", \\\"\\u00e9\\\\\\\"\\\": null}\""], "{}|{'a':'1','é\"':NULL}" },
        { "JSON(max_dynamic_paths=4, `a.b` UInt32)", OutOfRangePolicy.Refuse, Json, ["\" {\\\"a\\\":{\\\"b\\\":7},\\\"c\\\":\\\"x\\\"}\"", "\"{}\""], "{\"a\":{\"b\":7},\"c\":\"x\"}|{\"a\":{\"b\":0}}" },
        { "Nullable(JSON)", OutOfRangePolicy.Refuse, Json, ["null", "\"{\\\"a\\\":1}\""], "NULL|{\"a\":1}" },
        { "String", OutOfRangePolicy.Refuse, Texts, ["[\"a\",null,\"\\\"\"]"], "[\"a\",null,\"\\\"\"]" },
        { "LowCardinality(FixedString(2))", OutOfRangePolicy.Refuse, Text, ["\"ab\"", "\"cd\"", "\"ab\""], "ab|cd|ab" },
        { "LowCardinality(Nullable(Int16))", OutOfRangePolicy.Refuse, Small, ["7", "null", "0", "7"], "7|NULL|0|7" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_value_becomes_what_its_columns_rule_says(string type, OutOfRangePolicy policy, string field, string[] values, string expected)
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v {type}) ENGINE = MergeTree ORDER BY n", "enable_time_time64_type=1&allow_suspicious_low_cardinality_types=1");
        using var block = NewBlock(type, new ColumnRules(policy));
        Fill(block, field, values);

        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(0, block.Rows)));

        Assert.Equal(expected, await engine.QueryAsync($"SELECT arrayStringConcat(groupArray(ifNull(toString(v), 'NULL')), '|') FROM (SELECT v FROM {table} ORDER BY n) FORMAT TSVRaw"));
    }

    public static TheoryData<string, string, string, RefusalReason> Refusals => new()
    {
        { "Time64(6)", Time, "3600000000000", RefusalReason.OutOfRange },
        { "Time", Time, "-3600000000000", RefusalReason.OutOfRange },
        { "Time", Time, "1", RefusalReason.Precision },
        { "Bool", Small, "2", RefusalReason.OutOfRange },
        { "Bool", Small, "-1", RefusalReason.OutOfRange },
        { "UInt64", Integer, "\"AQAAAAAAAAAA\"", RefusalReason.OutOfRange },
        { "Int128", Integer, "\"AIAAAAAAAAAAAAAAAAAAAAA=\"", RefusalReason.OutOfRange },
        { "UInt128", Integer, "\"/w==\"", RefusalReason.OutOfRange },
        { "JSON", Json, "\"[1]\"", RefusalReason.Type },
        { "JSON", Json, "\"null\"", RefusalReason.Type },
        { "Map(String, String)", Json, "\"{\\\"a\\\":null}\"", RefusalReason.Null },
        { "Map(String, String)", Json, "\"{\\\"a\\\":1}\"", RefusalReason.Type },
        { "Map(String, String)", Json, "\"[]\"", RefusalReason.Type },
        { "IPv4", Text, "\"010.0.0.1\"", RefusalReason.Type },
        { "IPv4", Text, "\"10.1\"", RefusalReason.Type },
        { "IPv4", Text, "\"1\"", RefusalReason.Type },
        { "IPv4", Text, "\"::1\"", RefusalReason.OutOfRange },
        { "IPv6", Text, "\"fe80::1%eth0\"", RefusalReason.Type },
        { "IPv6", Text, "\"[::1]:80\"", RefusalReason.Type },
        { "IPv6", Text, "\"\"", RefusalReason.Type },
        { "LowCardinality(String)", Text, "null", RefusalReason.Null },
        { "LowCardinality(FixedString(2))", Text, "\"abc\"", RefusalReason.OutOfRange },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refused_value_leaves_the_rows_around_it_as_they_were(string type, string field, string value, RefusalReason reason)
    {
        using var block = NewBlock(type);
        block.Columns[1].Encoder.AppendDefault();
        ((RowNumbers)block.Columns[0].Encoder).Append(0);
        block.EndRow(default);
        var before = Bytes(block);

        Assert.Equal(reason, Assert.Throws<ValueRefusedException>(() => Fill(block, field, [value])).Reason);
        block.Rollback();

        Assert.Equal(before, Bytes(block));
    }

    [Fact]
    public void A_null_array_is_counted_while_its_row_is_in_the_block()
    {
        using var block = NewBlock("Array(Nullable(String))");
        Fill(block, Texts, ["null", "[]", "null"]);
        Assert.Equal(2, block.Columns[1].Encoder.NullArrays);

        block.Truncate(2);
        Assert.Equal(1, block.Columns[1].Encoder.NullArrays);

        block.Clear();
        Assert.Equal(0, block.Columns[1].Encoder.NullArrays);
    }

    [Fact]
    public void A_null_array_is_refused_where_the_rule_says_so()
    {
        using var block = NewBlock("Array(Nullable(String))", new ColumnRules(NullArray: NullArrayPolicy.Refuse));

        Assert.Equal(RefusalReason.Null, Assert.Throws<ValueRefusedException>(() => Fill(block, Texts, ["null"])).Reason);
    }

    private static Block NewBlock(string type, ColumnRules? rules = null) =>
        new([new BlockColumn("n", new RowNumbers()), new BlockColumn("v", ColumnFactory.Create(ClickHouseType.Parse(type), rules ?? ColumnRules.Default))]);

    private static void Fill(Block block, string field, string[] values)
    {
        foreach (var change in Cells.Changes(field, values))
        {
            ((RowNumbers)block.Columns[0].Encoder).Append(block.Rows);
            block.Columns[1].Encoder.Append(change.After[1]);
            block.EndRow(default);
        }
    }

    private static byte[] Bytes(Block block)
    {
        using var content = block.Content(0, block.Rows);
        using var stream = new MemoryStream();
        content.CopyTo(stream, null, CancellationToken.None);
        return stream.ToArray();
    }
}
