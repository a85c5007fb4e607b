using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Tests.Blocks;

public class TypeTests
{
    [Theory]
    [InlineData("Int32")]
    [InlineData("Nullable(Decimal(10, 2))")]
    [InlineData("DateTime64(6, 'UTC')")]
    [InlineData("LowCardinality(Nullable(String))")]
    [InlineData("Array(LowCardinality(Nullable(String)))")]
    [InlineData("Tuple(x Nullable(Float64), y Nullable(Float64))")]
    [InlineData("Tuple(`odd \\` name` Int8, UInt8)")]
    [InlineData("Enum8('a' = 1, 'it\\'s, (b)' = -2)")]
    [InlineData("Map(String, Nullable(String))")]
    [InlineData("Enum8('tab\\t, new\\n, \\\\' = 1)")]
    [InlineData("JSON(max_dynamic_paths=4, `a.b` UInt32, SKIP c, SKIP REGEXP 'x,(y)')")]
    [InlineData("SimpleAggregateFunction(anyLast, Nullable(String))")]
    [InlineData("Object('json')")]
    public void A_type_is_written_as_it_was_read(string text) => Assert.Equal(text, ClickHouseType.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("Nullable(")]
    [InlineData("Int32)")]
    [InlineData("Enum8('a = 1)")]
    [InlineData("Array()x")]
    [InlineData("Decimal(10,")]
    [InlineData("Decimal(,2)")]
    [InlineData("Tuple(x)y")]
    [InlineData("Tuple(`x Int8)")]
    [InlineData("JSON(a=)b")]
    public void What_is_no_type_is_refused(string text) => Assert.Throws<FormatException>(() => ClickHouseType.Parse(text));

    [Fact]
    public void A_type_nested_without_end_is_refused() =>
        Assert.Throws<FormatException>(() => ClickHouseType.Parse(string.Concat(Enumerable.Repeat("Array(", 100_000))));

    [Theory]
    [InlineData("AggregateFunction(sum, Int64)")]
    [InlineData("Variant(Int64, String)")]
    [InlineData("Dynamic")]
    [InlineData("Nested(a Int8)")]
    [InlineData("Nullable(Array(Int8))")]
    [InlineData("Nullable(LowCardinality(String))")]
    [InlineData("LowCardinality(Array(String))")]
    [InlineData("LowCardinality(JSON)")]
    [InlineData("LowCardinality")]
    [InlineData("Array(Dynamic)")]
    [InlineData("Decimal(77, 2)")]
    [InlineData("Decimal(4, 5)")]
    [InlineData("Decimal")]
    [InlineData("DateTime64")]
    [InlineData("DateTime64(10)")]
    [InlineData("FixedString(0)")]
    [InlineData("Enum8('a')")]
    [InlineData("Enum8(1)")]
    [InlineData("Enum8")]
    [InlineData("Tuple(y Float64, x Float64)")]
    [InlineData("Tuple(x Float64, y Nullable(Float64))")]
    [InlineData("Map(String, Int8)")]
    public void A_type_that_nothing_encodes_is_refused_by_name_when_the_plan_is_made(string text)
    {
        var refused = Assert.Throws<NotSupportedException>(() => ColumnFactory.Create(ClickHouseType.Parse(text), ColumnRules.Default));

        Assert.Contains(text.StartsWith("Array(", StringComparison.Ordinal) ? "Dynamic" : text, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ValueKind.Timestamp, 3, "DateTime64(3, 'UTC')", true)]
    [InlineData(ValueKind.Timestamp, 3, "DateTime64(6, 'UTC')", true)]
    [InlineData(ValueKind.Timestamp, 6, "DateTime64(3, 'UTC')", false)]
    [InlineData(ValueKind.ZonedTimestamp, -1, "DateTime64(3, 'UTC')", false)]
    [InlineData(ValueKind.ZonedTimestamp, 0, "DateTime('UTC')", true)]
    [InlineData(ValueKind.ZonedTimestamp, 3, "DateTime('UTC')", false)]
    [InlineData(ValueKind.Time, 3, "Time64(3)", true)]
    [InlineData(ValueKind.Time, 6, "Time64(3)", false)]
    [InlineData(ValueKind.Time, 3, "Time", false)]
    public void A_time_fits_a_type_of_no_fewer_digits_unless_the_user_chose_it(ValueKind kind, int precision, string target, bool fits)
    {
        var source = new SourceType(kind) { Precision = precision };

        Assert.Equal(fits, TypeFit.Accepts(source, ClickHouseType.Parse(target)));
        Assert.True(TypeFit.Accepts(source, ClickHouseType.Parse(target), chosen: true));
    }

    public static TheoryData<SourceType, bool, string> Mappings => new()
    {
        { new(ValueKind.Boolean), false, "Bool" },
        { new(ValueKind.Int64), true, "Nullable(Int64)" },
        { new(ValueKind.UInt8), false, "UInt8" },
        { new(ValueKind.Decimal) { Precision = 10, Scale = 2 }, false, "Decimal(10, 2)" },
        { new(ValueKind.Decimal) { Precision = 76, Scale = 10 }, false, "Decimal(76, 10)" },
        { new(ValueKind.Decimal) { Precision = 77, Scale = 10 }, true, "Nullable(String)" },
        { new(ValueKind.Decimal) { Precision = 5, Scale = -2 }, false, "Decimal(7, 0)" },
        { new(ValueKind.Decimal) { Precision = 3, Scale = 5 }, false, "Decimal(5, 5)" },
        { new(ValueKind.Decimal) { Scale = 2 }, true, "Nullable(Decimal(19, 2))" },
        { new(ValueKind.Bits) { Length = 1 }, false, "Bool" },
        { new(ValueKind.Bits) { Length = 8 }, true, "Nullable(String)" },
        { new(ValueKind.Number), true, "Nullable(String)" },
        { new(ValueKind.Enum), false, "LowCardinality(String)" },
        { new(ValueKind.Enum), true, "LowCardinality(Nullable(String))" },
        { new(ValueKind.Date), true, "Nullable(Date32)" },
        { new(ValueKind.Time) { Precision = 3 }, false, "Time64(3)" },
        { new(ValueKind.Time), false, "Time64(6)" },
        { new(ValueKind.Timestamp) { Precision = 0 }, false, "DateTime64(3, 'UTC')" },
        { new(ValueKind.ZonedTimestamp), false, "DateTime64(6, 'UTC')" },
        { new(ValueKind.Timestamp) { Precision = 9 }, false, "DateTime64(9, 'UTC')" },
        { new(ValueKind.Interval), false, "Int64" },
        { new(ValueKind.Json), true, "Nullable(String)" },
        { new(ValueKind.Bytes), false, "String" },
        { new(ValueKind.Array) { Element = new(ValueKind.Int32) }, true, "Array(Nullable(Int32))" },
        { new(ValueKind.Array) { Element = new(ValueKind.Enum) }, false, "Array(LowCardinality(Nullable(String)))" },
        { new(ValueKind.Point), true, "Tuple(x Nullable(Float64), y Nullable(Float64))" },
    };

    [Theory]
    [MemberData(nameof(Mappings))]
    public void A_source_type_has_the_type_of_the_table_and_fits_it(SourceType source, bool nullable, string expected)
    {
        var type = TypeMapping.For(source, nullable);

        Assert.Equal(expected, type.ToString());
        Assert.True(TypeFit.Accepts(source, type));
        using var encoder = ColumnFactory.Create(type, ColumnRules.Default);
        Assert.Equal(expected, encoder.Type.ToString());
    }

    [Theory]
    [InlineData(ValueKind.Float64, "Decimal(10, 2)")]
    [InlineData(ValueKind.Float64, "Float32")]
    [InlineData(ValueKind.Int64, "Float64")]
    [InlineData(ValueKind.String, "Int32")]
    [InlineData(ValueKind.Timestamp, "Date32")]
    [InlineData(ValueKind.Bytes, "LowCardinality(String)")]
    public void A_source_type_does_not_fit_a_type_that_would_change_its_values(ValueKind source, string target) =>
        Assert.False(TypeFit.Accepts(new SourceType(source), ClickHouseType.Parse(target)));
}
