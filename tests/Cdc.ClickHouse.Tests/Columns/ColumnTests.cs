using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Columns;

public sealed class ColumnTests(EngineFixture engine)
{
    private const string Decimal = """{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"v"}""";

    private static string Field(string type, string? name = null) =>
        name is null ? $$"""{"type":"{{type}}","optional":true,"field":"v"}""" : $$"""{"type":"{{type}}","optional":true,"name":"{{name}}","version":1,"field":"v"}""";

    private static string ArrayOf(string element) => $$"""{"type":"array","items":{{element}},"optional":true,"field":"v"}""";

    public static TheoryData<string, string, string[], string> Values => new()
    {
        { "Bool", Field("boolean"), ["true", "false"], "true|false" },
        { "Int8", Field("int16"), ["-128", "127"], "-128|127" },
        { "Int16", Field("int16"), ["-32768", "32767"], "-32768|32767" },
        { "Int32", Field("int32"), ["-2147483648", "2147483647"], "-2147483648|2147483647" },
        { "Int64", Field("int64"), ["-9223372036854775808", "9223372036854775807"], "-9223372036854775808|9223372036854775807" },
        { "UInt8", Field("int16"), ["0", "255"], "0|255" },
        { "UInt64", Field("int64"), ["0", "9223372036854775807"], "0|9223372036854775807" },
        { "Int128", Field("int64"), ["-1", "9223372036854775807"], "-1|9223372036854775807" },
        { "Int256", Field("int64"), ["-9223372036854775808", "5"], "-9223372036854775808|5" },
        { "UInt128", Field("int64"), ["7", "0"], "7|0" },
        { "Float32", Field("float"), ["3.3", "\"NaN\"", "-0.0", "\"-Infinity\""], "3.3|nan|-0|-inf" },
        { "Float64", Field("double"), ["0.1", "1.7976931348623157E308", "\"Infinity\""], "0.1|1.7976931348623157e308|inf" },
        { "Decimal(10, 2)", Decimal, ["\"AUo=\"", "\"kg==\"", "\"AA==\""], "3.3|-1.1|0" },
        { "Decimal(38, 2)", Decimal, ["\"AUo=\"", "\"/w==\""], "3.3|-0.01" },
        { "Decimal(76, 10)", Decimal, ["\"AUo=\"", "\"/w==\""], "3.3|-0.01" },
        { "Decimal(9, 4)", Decimal, ["\"AUo=\""], "3.3" },
        { "String", Decimal, ["\"AUo=\"", "\"AA==\""], "3.30|0.00" },
        { "String", Field("string"), ["\"\"", "\"a\\u0001\\uD83D\\uDE00\"", "\"'quoted'\""], "|a\u0001😀|'quoted'" },
        { "String", Field("bytes"), ["\"\"", "\"3q2+7w==\""], "|\\xDE\\xAD\\xBE\\xEF" },
        { "FixedString(3)", Field("string"), ["\"abc\""], "abc" },
        { "UUID", Field("string", "io.debezium.data.Uuid"), ["\"123e4567-e89b-12d3-a456-426614174000\""], "123e4567-e89b-12d3-a456-426614174000" },
        { "Date", Field("int32", "io.debezium.time.Date"), ["0", "65535"], "1970-01-01|2149-06-06" },
        { "Date32", Field("int32", "io.debezium.time.Date"), ["-25567", "0", "120529"], "1900-01-01|1970-01-01|2299-12-31" },
        { "DateTime('UTC')", Field("int64", "io.debezium.time.Timestamp"), ["0", "1709214330000"], "1970-01-01 00:00:00|2024-02-29 13:45:30" },
        { "DateTime64(2, 'UTC')", Field("int64", "io.debezium.time.Timestamp"), ["1709214330120"], "2024-02-29 13:45:30.12" },
        { "DateTime64(3, 'UTC')", Field("int64", "io.debezium.time.Timestamp"), ["-2208988800000", "10413791999999"], "1900-01-01 00:00:00.000|2299-12-31 23:59:59.999" },
        { "DateTime64(6, 'UTC')", Field("int64", "io.debezium.time.MicroTimestamp"), ["-1", "1709214330123456"], "1969-12-31 23:59:59.999999|2024-02-29 13:45:30.123456" },
        { "DateTime64(6, 'UTC')", Field("string", "io.debezium.time.ZonedTimestamp"), ["\"2024-02-29T11:45:30.5Z\""], "2024-02-29 11:45:30.500000" },
        { "Time64(6)", Field("int64", "io.debezium.time.MicroTime"), ["0", "49530123456", "86400000000"], "00:00:00.000000|13:45:30.123456|24:00:00.000000" },
        { "Time64(3)", Field("int32", "io.debezium.time.Time"), ["49530123", "-1"], "13:45:30.123|-00:00:00.001" },
        { "LowCardinality(String)", Field("string"), ["\"a\"", "\"\"", "\"b\"", "\"a\""], "a||b|a" },
        { "LowCardinality(Nullable(String))", Field("string"), ["\"a\"", "null", "\"\"", "\"a\""], "a|NULL||a" },
        { "Nullable(Int32)", Field("int32"), ["1", "null", "-1"], "1|NULL|-1" },
        { "Nullable(String)", Field("string"), ["null", "\"x\"", "\"\""], "NULL|x|" },
        { "Array(Nullable(Int32))", ArrayOf(Field("int32")), ["[]", "[1,null,-3]", "null", "[7]"], "[]|[1,NULL,-3]|[]|[7]" },
        { "Array(Nullable(String))", ArrayOf(Field("string")), ["[\"a\",null,\"c,d\"]", "[]"], "['a',NULL,'c,d']|[]" },
        { "Array(LowCardinality(Nullable(String)))", ArrayOf(Field("string")), ["[]", "[\"ok\",null,\"ok\"]"], "[]|['ok',NULL,'ok']" },
        { "Array(LowCardinality(Nullable(String)))", ArrayOf(Field("string")), ["[]", "[]"], "[]|[]" },
        { "Enum8('a' = 1, 'it\\'s' = -2)", Field("string"), ["\"a\"", "\"it's\""], "a|it's" },
        { "Enum16('x' = 1000)", Field("string"), ["\"x\""], "x" },
        { "IPv4", Field("string"), ["\"10.0.0.1\""], "10.0.0.1" },
        { "IPv6", Field("string"), ["\"2001:db8::1\"", "\"10.0.0.1\""], "2001:db8::1|::ffff:10.0.0.1" },
        { "JSON", Field("string", "io.debezium.data.Json"), ["\"{\\\"a\\\":1}\""], "{\"a\":1}" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_comes_back_from_the_engine_as_it_was_sent(string type, string field, string[] values, string expected)
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v {type}) ENGINE = MergeTree ORDER BY n");
        using var block = Block(type);
        Fill(block, field, values);

        var (success, text) = await engine.InsertAsync(table, block.Content(0, block.Rows));

        Assert.True(success, text);
        var text2 = await engine.QueryAsync($"SELECT ifNull(arrayStringConcat(groupArray(s), '|'), '') FROM (SELECT {(type == "String" && expected.Contains("\\x", StringComparison.Ordinal) ? "if(v = '', '', '\\\\x' || arrayStringConcat(arrayMap(i -> hex(substring(v, i, 1)), range(1, length(v) + 1)), '\\\\x'))" : "ifNull(toString(v), 'NULL')")} AS s FROM {table} ORDER BY n) FORMAT TSVRaw");
        Assert.Equal(expected, text2);
    }

    [Fact]
    public async Task A_point_and_a_null_point_come_back_as_they_were_sent()
    {
        const string field = """{"type":"struct","fields":[{"type":"double","optional":false,"field":"x"},{"type":"double","optional":false,"field":"y"},{"type":"bytes","optional":true,"field":"wkb"},{"type":"int32","optional":true,"field":"srid"}],"optional":true,"name":"io.debezium.data.geometry.Point","version":1,"field":"v"}""";
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v Tuple(x Nullable(Float64), y Nullable(Float64))) ENGINE = MergeTree ORDER BY n");
        using var block = Block("Tuple(x Nullable(Float64), y Nullable(Float64))");
        Fill(block, field, ["""{"x":1.5,"y":-2.5,"wkb":"AQEAAAAAAAAAAAD4PwAAAAAAAATA","srid":null}""", "null"]);

        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(0, 2)));

        Assert.Equal("(1.5,-2.5)\n(NULL,NULL)", await engine.QueryAsync($"SELECT v FROM {table} ORDER BY n FORMAT TSVRaw"));
    }

    public static TheoryData<string, string, string, RefusalReason> Refusals => new()
    {
        { "Int8", Field("int16"), "128", RefusalReason.OutOfRange },
        { "UInt8", Field("int16"), "-1", RefusalReason.OutOfRange },
        { "UInt32", Field("int64"), "4294967296", RefusalReason.OutOfRange },
        { "UInt128", Field("int64"), "-1", RefusalReason.OutOfRange },
        { "Int32", Field("int32"), "null", RefusalReason.Null },
        { "Array(Int32)", ArrayOf(Field("int32")), "[null]", RefusalReason.Null },
        { "Decimal(3, 2)", Decimal, "\"A+g=\"", RefusalReason.OutOfRange },
        { "Decimal(10, 1)", Decimal, "\"AUs=\"", RefusalReason.Precision },
        { "Date32", Field("int32", "io.debezium.time.Date"), "-25568", RefusalReason.OutOfRange },
        { "Date32", Field("int32", "io.debezium.time.Date"), "120530", RefusalReason.OutOfRange },
        { "Date32", Field("int32", "io.debezium.time.Date"), "-2147472692", RefusalReason.Infinity },
        { "Date", Field("int32", "io.debezium.time.Date"), "-1", RefusalReason.OutOfRange },
        { "DateTime64(6, 'UTC')", Field("int64", "io.debezium.time.MicroTimestamp"), "9223372036825200000", RefusalReason.Infinity },
        { "DateTime64(6, 'UTC')", Field("int64", "io.debezium.time.MicroTimestamp"), "10413792000000000", RefusalReason.OutOfRange },
        { "DateTime64(3, 'UTC')", Field("int64", "io.debezium.time.MicroTimestamp"), "1", RefusalReason.Precision },
        { "DateTime64(2, 'UTC')", Field("int64", "io.debezium.time.Timestamp"), "1", RefusalReason.Precision },
        { "DateTime('UTC')", Field("int64", "io.debezium.time.Timestamp"), "-1000", RefusalReason.OutOfRange },
        { "FixedString(3)", Field("string"), "\"ab\"", RefusalReason.OutOfRange },
        { "Enum8('a' = 1)", Field("string"), "\"b\"", RefusalReason.OutOfRange },
        { "IPv4", Field("string"), "\"10.0.0.0/8\"", RefusalReason.Type },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_value_that_the_type_cannot_hold_is_refused_by_name_and_leaves_no_trace(string type, string field, string value, RefusalReason reason)
    {
        using var block = Block(type);

        var refused = Assert.Throws<ValueRefusedException>(() => Fill(block, field, [value]));
        block.Rollback();

        Assert.Equal((reason, "v"), (refused.Reason, refused.Column));
        Assert.Equal((0, 0), (block.Rows, block.Bytes));
    }

    [Theory]
    [InlineData("Date32", OutOfRangePolicy.Clamp, "2299-12-31|1900-01-01|2299-12-31")]
    [InlineData("Nullable(Date32)", OutOfRangePolicy.Null, "NULL|NULL|NULL")]
    public async Task A_value_out_of_range_follows_the_rule_of_its_column(string type, OutOfRangePolicy policy, string expected)
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v {type}) ENGINE = MergeTree ORDER BY n");
        using var block = Block(type, new ColumnRules(policy));
        Fill(block, Field("int32", "io.debezium.time.Date"), ["-2147472692", "-2147472691", "120530"]);

        Assert.Equal((true, ""), await engine.InsertAsync(table, block.Content(0, 3)));

        Assert.Equal(expected, await engine.QueryAsync($"SELECT arrayStringConcat(groupArray(ifNull(toString(v), 'NULL')), '|') FROM (SELECT v FROM {table} ORDER BY n)"));
    }

    [Fact]
    public async Task A_block_of_another_type_than_the_table_is_refused_by_the_engine()
    {
        var table = engine.NewName();
        await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v Int32) ENGINE = MergeTree ORDER BY n");
        using var block = Block("Int64");
        Fill(block, Field("int64"), ["5000000000"]);

        var (success, text) = await engine.InsertAsync(table, block.Content(0, 1));

        Assert.False(success);
        Assert.StartsWith("Code: 53.", text, StringComparison.Ordinal);
    }

    private static Block Block(string type, ColumnRules? rules = null) =>
        new([new BlockColumn("n", new RowNumbers()), new BlockColumn("v", ColumnFactory.Create(ClickHouseType.Parse(type), rules ?? ColumnRules.Default))]);

    private static void Fill(Block block, string field, string[] values)
    {
        foreach (var change in Cells.Changes(field, values))
        {
            ((RowNumbers)block.Columns[0].Encoder).Append(block.Rows);
            block.Columns[1].Encoder.Append(change.After[1]);
            block.EndRow(new RowOrigin(0, block.Rows));
        }
    }
}

/// <summary>A column that counts rows, so that a table can be read in the order of its block.</summary>
internal sealed class RowNumbers() : TechnicalColumn(ClickHouseType.Parse("UInt64"), 8)
{
    public void Append(long number) => Buffer.AddInt64(number);
}
