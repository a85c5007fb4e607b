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
    public void A_type_is_written_as_it_was_read(string text) => Assert.Equal(text, ClickHouseType.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("Nullable(")]
    [InlineData("Int32)")]
    [InlineData("Enum8('a = 1)")]
    [InlineData("Array()x")]
    public void What_is_no_type_is_refused(string text) => Assert.Throws<FormatException>(() => ClickHouseType.Parse(text));

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
