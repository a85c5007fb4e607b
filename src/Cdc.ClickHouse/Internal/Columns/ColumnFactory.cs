namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Makes the encoder of a type.</summary>
internal static class ColumnFactory
{
    /// <exception cref="NotSupportedException">No encoder knows the type.</exception>
    public static ColumnEncoder Create(ClickHouseType type, ColumnRules rules)
    {
        try
        {
            return Find(type, rules) ?? throw new NotSupportedException($"columns of the type {type} cannot be written; use another type");
        }
        catch (FormatException malformed)
        {
            throw new NotSupportedException($"{type} is no type that ClickHouse has: {malformed.Message}", malformed);
        }
    }

    /// <summary>Whether the type is a pair of floats that takes points: in the order x, y, which other names might not mean.</summary>
    public static bool IsPoint(ClickHouseType type) =>
        type.Name == "Point"
        || (type is { Name: "Tuple", Arguments.Length: 2 }
            && IsCoordinate(type.Arguments[0], "x") && IsCoordinate(type.Arguments[1], "y")
            && type.Arguments[0].Type!.IsNullable == type.Arguments[1].Type!.IsNullable);

    private static ColumnEncoder? Find(ClickHouseType type, ColumnRules rules) => type.Name switch
    {
        "Nullable" when Create(type.Inner, rules) is ScalarColumn inner => new NullableColumn(type, inner, rules),
        "LowCardinality" when type.Bare.Name != "JSON" && Create(type.Bare, rules) is ScalarColumn keys => new LowCardinalityColumn(type, type.Inner.IsNullable, keys),
        "Array" => new ArrayColumn(type, Create(type.Inner, rules), rules),
        "Tuple" or "Point" when IsPoint(type) => new PointColumn(type, type.Name == "Tuple" && type.Inner.IsNullable),
        "Map" when MapColumn.IsTextMap(type) => new MapColumn(type),
        "Bool" => new BoolColumn(type),
        "Int8" => new IntColumn(type, 1),
        "Int16" => new IntColumn(type, 2),
        "Int32" => new IntColumn(type, 4),
        "Int64" => new IntColumn(type, 8),
        "UInt8" => new UIntColumn(type, 1),
        "UInt16" => new UIntColumn(type, 2),
        "UInt32" => new UIntColumn(type, 4),
        "UInt64" => new UIntColumn(type, 8),
        "Int128" => new WideIntColumn(type, 16, signed: true),
        "Int256" => new WideIntColumn(type, 32, signed: true),
        "UInt128" => new WideIntColumn(type, 16, signed: false),
        "UInt256" => new WideIntColumn(type, 32, signed: false),
        "Float32" => new Float32Column(type),
        "Float64" => new Float64Column(type),
        "Decimal" => Decimal(type),
        "UUID" => new UuidColumn(type),
        "Date" => new DateColumn(type, wide: false, rules),
        "Date32" => new DateColumn(type, wide: true, rules),
        "DateTime" => new DateTimeColumn(type, rules),
        "DateTime64" => new DateTime64Column(type, Digits(type), rules),
        "Time" => new TimeColumn(type, 0, 4, rules),
        "Time64" => new TimeColumn(type, Digits(type), 8, rules),
        "String" => new StringColumn(type),
        "FixedString" => new FixedStringColumn(type, type.Number(0) is > 0 and var length ? length : throw new FormatException("it has no length")),
        "JSON" => new JsonColumn(type),
        "Enum8" => Enum(type, 1),
        "Enum16" => Enum(type, 2),
        "IPv4" => new AddressColumn(type, v6: false),
        "IPv6" => new AddressColumn(type, v6: true),
        _ => null,
    };

    private static bool IsCoordinate(ClickHouseTypeArgument argument, string name) =>
        argument.Type is { Name: "Float64" or "Nullable" } type && type.Bare.Name == "Float64" && (argument.Field ?? name) == name;

    private static int Digits(ClickHouseType type) => type.Number(0) is <= 9 and var digits ? digits : throw new FormatException("it has more than 9 digits of a second");

    private static EnumColumn Enum(ClickHouseType type, int width) =>
        type.Arguments.Length > 0 && type.Arguments.All(static a => a.IsEnum) ? new EnumColumn(type, width) : throw new FormatException("its labels need their numbers");

    private static DecimalColumn Decimal(ClickHouseType type)
    {
        var precision = type.Number(0);
        var scale = type.Arguments.Length > 1 ? type.Number(1) : 0;
        return precision is >= 1 and <= 76 && scale <= precision ? new DecimalColumn(type, precision, scale) : throw new FormatException("a decimal has 1 to 76 digits, and no more of them after the point");
    }
}
