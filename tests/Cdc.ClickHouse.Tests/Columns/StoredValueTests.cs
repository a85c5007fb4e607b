using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Columns;

/// <summary>The extremes of every type: written by the engine from SQL, read in RowBinary, encoded here, and stored again.</summary>
public sealed class StoredValueTests(EngineFixture engine)
{
    public static TheoryData<string, string> Values => new()
    {
        { "Bool", "true, false" },
        { "Int8", "-128, 127, 0" },
        { "Int16", "-32768, 32767" },
        { "Int32", "-2147483648, 2147483647" },
        { "Int64", "-9223372036854775808, 9223372036854775807" },
        { "Int128", "'-170141183460469231731687303715884105728', '170141183460469231731687303715884105727'" },
        { "Int256", "'-57896044618658097711785492504343953926634992332820282019728792003956564819968', '57896044618658097711785492504343953926634992332820282019728792003956564819967'" },
        { "UInt8", "0, 255" },
        { "UInt16", "0, 65535" },
        { "UInt32", "0, 4294967295" },
        { "UInt64", "0, 18446744073709551615" },
        { "UInt128", "0, '340282366920938463463374607431768211455'" },
        { "UInt256", "0, '115792089237316195423570985008687907853269984665640564039457584007913129639935'" },
        { "Float32", "nan, inf, -inf, 3.4028235e38, 1e-45, -0.0" },
        { "Float64", "nan, inf, -inf, 1.7976931348623157e308, 5e-324, -0.0" },
        { "Decimal(9, 9)", "'-0.999999999', '0.000000001'" },
        { "Decimal(18, 0)", "'-999999999999999999', '999999999999999999'" },
        { "Decimal(38, 5)", "'-999999999999999999999999999999999.99999', '0.00001'" },
        { "Decimal(76, 38)", "'-99999999999999999999999999999999999999.99999999999999999999999999999999999999', '0.00000000000000000000000000000000000001'" },
        { "String", "'', 'a\\0b', 'é😀', repeat('x', 200), repeat('y', 20000)" },
        { "FixedString(3)", "'abc', 'é\\0', '\\0\\0\\0'" },
        { "UUID", "'00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '01234567-89ab-cdef-0123-456789abcdef'" },
        { "Date", "'1970-01-01', '2149-06-06'" },
        { "Date32", "'1900-01-01', '2299-12-31'" },
        { "DateTime('UTC')", "'1970-01-01 00:00:00', '2106-02-07 06:28:15'" },
        { "DateTime64(0, 'UTC')", "'1900-01-01 00:00:00', '2299-12-31 23:59:59'" },
        { "DateTime64(3, 'UTC')", "'1900-01-01 00:00:00.000', '2299-12-31 23:59:59.999', '1969-12-31 23:59:59.999'" },
        { "DateTime64(6, 'UTC')", "'1900-01-01 00:00:00.000000', '2299-12-31 23:59:59.999999'" },
        { "DateTime64(9, 'UTC')", "'1900-01-01 00:00:00.000000000', '2262-04-11 23:47:16.854775806'" },
        { "Time", "'-999:59:59', '999:59:59', '00:00:00'" },
        { "Time64(3)", "'-999:59:59.999', '999:59:59.999'" },
        { "Time64(6)", "'-999:59:59.999999', '24:00:00'" },
        { "Enum8('low' = -128, 'tab\\t' = 0, 'it\\'s' = 127)", "'low', 'tab\\t', 'it\\'s'" },
        { "Enum16('low' = -32768, 'high' = 32767)", "'low', 'high'" },
        { "IPv4", "'0.0.0.0', '255.255.255.254'" },
        { "IPv6", "'::', '2001:db8::1', '::ffff:1.2.3.4'" },
        { "Nullable(Decimal(10, 2))", "NULL, '-1.05', 0" },
        { "Nullable(UUID)", "NULL, '01234567-89ab-cdef-0123-456789abcdef'" },
        { "Nullable(Bool)", "NULL, true, false" },
        { "LowCardinality(String)", "'', 'a', 'b', 'a', ''" },
        { "LowCardinality(Nullable(String))", "NULL, '', 'a', NULL, '', 'a'" },
        { "LowCardinality(FixedString(2))", "'ab', '\\0\\0', 'cd', 'ab'" },
        { "LowCardinality(Int32)", "0, -1, 7, 0, -1" },
        { "LowCardinality(Nullable(Int64))", "0, NULL, 7, 0, NULL" },
        { "LowCardinality(UUID)", "'00000000-0000-0000-0000-000000000000', '01234567-89ab-cdef-0123-456789abcdef'" },
        { "LowCardinality(Bool)", "true, false, true" },
        { "LowCardinality(Nullable(IPv4))", "'1.2.3.4', NULL, '0.0.0.0'" },
        { "LowCardinality(Date32)", "'1900-01-01', '1970-01-01', '1900-01-01'" },
        { "LowCardinality(DateTime('UTC'))", "'1970-01-01 00:00:00', '2106-02-07 06:28:15'" },
        { "LowCardinality(Float64)", "0, 1.5, -0.0, 1.5, inf, nan, nan, 0" },
        { "Array(Nullable(Int32))", "[], [1, NULL, 3], [NULL], []" },
        { "Array(Array(String))", "[], [[]], [['a', ''], [], ['b']]" },
        { "Array(LowCardinality(Nullable(String)))", "[], ['a', NULL, ''], ['a'], []" },
        { "Array(Tuple(x Nullable(Float64), y Nullable(Float64)))", "[], [(1, 2), (NULL, NULL)], [(3, 4)]" },
        { "Tuple(x Float64, y Float64)", "(1, 2), (-0.5, inf)" },
        { "Tuple(Nullable(Float64), Nullable(Float64))", "(1, 2), (NULL, NULL)" },
        { "Point", "(1, 2), (-3.5, 4)" },
        { "Map(String, String)", "map(), map('a', '1', 'b', '')" },
        { "Map(String, Nullable(String))", "map(), map('a', NULL, 'b', ''), map('c', '3')" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_stored_value_can_be_stored_again_in_any_slice(string type, string literals)
    {
        var (from, to) = (engine.NewName("from"), engine.NewName("to"));
        foreach (var table in new[] { from, to }) await engine.QueryAsync($"CREATE TABLE {table} (n UInt64, v {type}) ENGINE = MergeTree ORDER BY n", Settings);
        var rows = Split(literals);
        await engine.QueryAsync($"INSERT INTO {from} VALUES {string.Join(", ", rows.Select(static (r, i) => $"({i}, {r})"))}", Settings);
        var stored = await engine.QueryAsync($"SELECT hex(formatRow('RowBinary', v)) FROM {from} ORDER BY n", Settings);
        var numbers = new RowNumbers();
        var encoder = ColumnFactory.Create(ClickHouseType.Parse(type), ColumnRules.Default);
        using var block = new Block([new BlockColumn("n", numbers), new BlockColumn("v", encoder)]);

        foreach (var line in stored.Split('\n'))
        {
            ReadOnlySpan<byte> value = Convert.FromHexString(line);
            encoder.AppendRowBinary(ref value);
            Assert.True(value.IsEmpty);
            numbers.Append(block.Rows);
            block.EndRow(default);
        }

        Assert.Equal(rows.Count, block.Rows);
        for (var size = block.Rows; ; size /= 2)
        {
            await engine.QueryAsync($"TRUNCATE TABLE {to}");
            for (var first = 0; first < block.Rows; first += size) Assert.Equal((true, ""), await engine.InsertAsync(to, block.Content(first, Math.Min(size, block.Rows - first))));
            Assert.Equal(await ReadAsync(from), await ReadAsync(to));
            if (size == 1) break;
        }
    }

    private const string Settings = "enable_time_time64_type=1&allow_suspicious_low_cardinality_types=1";

    private Task<string> ReadAsync(string table) => engine.QueryAsync($"SELECT n, toTypeName(v), v, hex(formatRow('RowBinary', v)) FROM {table} ORDER BY n FORMAT TSV", Settings);

    /// <summary>The literals between the commas that stand in no quotes or brackets.</summary>
    private static List<string> Split(string literals)
    {
        var parts = new List<string>();
        var (start, open, quoted) = (0, 0, false);
        for (var i = 0; i < literals.Length; i++)
        {
            if (literals[i] == '\\') i++;
            else if (literals[i] == '\'') quoted = !quoted;
            else if (quoted) continue;
            else if (literals[i] is '(' or '[') open++;
            else if (literals[i] is ')' or ']') open--;
            else if (literals[i] == ',' && open == 0)
            {
                parts.Add(literals[start..i]);
                start = i + 1;
            }
        }

        parts.Add(literals[start..]);
        return parts;
    }
}
