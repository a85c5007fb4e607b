namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Makes the encoder of a type.</summary>
internal static class ColumnFactory
{
    /// <exception cref="NotSupportedException">No encoder knows the type.</exception>
    public static ColumnEncoder Create(ClickHouseType type, ColumnRules rules) => type.Name switch
    {
        "Nullable" when type.Inner.Name is not ("Array" or "Tuple" or "Map" or "Nullable") => new NullableColumn(type, Create(type.Inner, rules), rules),
        "LowCardinality" when type.Bare.Name == "String" => new LowCardinalityColumn(type, type.Inner.IsNullable),
        "Array" => new ArrayColumn(type, Create(type.Inner, rules), rules),
        "Tuple" when IsPoint(type) => new PointColumn(type, type.Inner.IsNullable),
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
        "Decimal" => new DecimalColumn(type, type.Number(0), type.Arguments.Length > 1 ? type.Number(1) : 0),
        "UUID" => new UuidColumn(type),
        "Date" => new DateColumn(type, wide: false, rules),
        "Date32" => new DateColumn(type, wide: true, rules),
        "DateTime" => new DateTimeColumn(type, rules),
        "DateTime64" => new DateTime64Column(type, type.Number(0), rules),
        "Time" => new TimeColumn(type, 0, 4, rules),
        "Time64" => new TimeColumn(type, type.Number(0), 8, rules),
        "String" => new StringColumn(type),
        "FixedString" => new FixedStringColumn(type, type.Number(0)),
        "JSON" => new JsonColumn(type),
        "Enum8" => new EnumColumn(type, 1),
        "Enum16" => new EnumColumn(type, 2),
        "IPv4" => new AddressColumn(type, v6: false),
        "IPv6" => new AddressColumn(type, v6: true),
        _ => throw new NotSupportedException($"columns of the type {type} cannot be written; use another type"),
    };

    public static bool IsPoint(ClickHouseType type) =>
        type is { Name: "Tuple", Arguments.Length: 2 }
        && type.Arguments.All(a => a.Type?.Bare.Name == "Float64")
        && type.Arguments[0].Type!.IsNullable == type.Arguments[1].Type!.IsNullable;
}
