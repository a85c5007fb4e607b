namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>The source's type that a column of somebody else's table suggests.</summary>
internal static class InferredType
{
    public static ColumnShape Of(ServerColumn column) =>
        ClickHouseType.TryParse(column.Type, out var type) ? new ColumnShape(column.Name, Of(type), type.IsNullable) : new ColumnShape(column.Name, new SourceType(ValueKind.Unknown), true);

    private static SourceType Of(ClickHouseType type)
    {
        var bare = type.Bare;
        return bare.Name switch
        {
            "Bool" => new(ValueKind.Boolean),
            "Int8" or "Int16" or "Int32" or "Int64" or "UInt8" or "UInt16" or "UInt32" or "UInt64" or "Float32" or "Float64" => new(Enum.Parse<ValueKind>(bare.Name)),
            "Int128" or "UInt128" => new(ValueKind.Decimal) { Precision = 39 },
            "Int256" or "UInt256" => new(ValueKind.Decimal) { Precision = 76 },
            "Decimal" => new(ValueKind.Decimal) { Precision = bare.Number(0), Scale = bare.Number(1) },
            "UUID" => new(ValueKind.Uuid),
            "Date" or "Date32" => new(ValueKind.Date),
            "DateTime" => new(ValueKind.Timestamp) { Precision = 0 },
            "DateTime64" => new(ValueKind.Timestamp) { Precision = bare.Number(0) },
            "Time" => new(ValueKind.Time) { Precision = 0 },
            "Time64" => new(ValueKind.Time) { Precision = bare.Number(0) },
            "Enum8" or "Enum16" => new(ValueKind.Enum),
            "JSON" => new(ValueKind.Json),
            "Map" => new(ValueKind.Map),
            "Array" => new(ValueKind.Array) { Element = Of(bare.Inner) },
            "Tuple" => new(ValueKind.Point),
            _ => new(ValueKind.String),
        };
    }
}
