using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Internal;

/// <summary>Whether values of a source's type can enter a column's type exactly, or be refused one by one: asked when the plan is made.</summary>
internal static class TypeFit
{
    /// <param name="source">The source's type.</param>
    /// <param name="target">The column's type.</param>
    /// <param name="chosen">Whether the user named the column's type: then a binary floating-point number may enter a decimal by its text, and a time may enter fewer digits where its own are zero.</param>
    public static bool Accepts(SourceType source, ClickHouseType target, bool chosen = false)
    {
        if (target.Name == "Array") return source.Kind == ValueKind.Array && Accepts(source.Element ?? new SourceType(ValueKind.String), target.Inner, chosen);
        if (target.Name == "Tuple") return source.Kind == ValueKind.Point && ColumnFactory.IsPoint(target);
        if (target.Name == "Point") return source.Kind == ValueKind.Point;
        var type = target.Bare;
        return type.Name switch
        {
            "String" => target.Name != "LowCardinality" || source.Kind is not (ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry),
            "FixedString" => source.Kind is ValueKind.String or ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry or ValueKind.Uuid or ValueKind.Enum or ValueKind.Unknown,
            "Bool" => source is { Kind: ValueKind.Bits, Length: 1 } || source.Kind is ValueKind.Boolean or (>= ValueKind.Int8 and <= ValueKind.UInt64),
            "Int8" or "Int16" or "Int32" or "Int64" or "UInt8" or "UInt16" or "UInt32" or "UInt64" or "Int128" or "Int256" or "UInt128" or "UInt256" => AcceptsInteger(source, type.Name),
            "Float32" => source.Kind is ValueKind.Float32 or ValueKind.Boolean or ValueKind.Int8 or ValueKind.Int16 or ValueKind.UInt8 or ValueKind.UInt16,
            "Float64" => source.Kind is ValueKind.Float32 or ValueKind.Float64 or ValueKind.Boolean or ValueKind.Int8 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32,
            "Decimal" => source.Kind is ValueKind.Decimal or ValueKind.Number or (>= ValueKind.Int8 and <= ValueKind.UInt64) || (chosen && source.Kind is ValueKind.Float32 or ValueKind.Float64),
            "UUID" => source.Kind is ValueKind.Uuid or ValueKind.String,
            "Date" or "Date32" => source.Kind == ValueKind.Date,
            "DateTime" or "DateTime64" => (source.Kind is ValueKind.Timestamp or ValueKind.ZonedTimestamp) && (chosen || HasDigits(source, type)),
            "Time" or "Time64" => source.Kind == ValueKind.Time && (chosen || HasDigits(source, type)),
            "Enum8" or "Enum16" => source.Kind is ValueKind.Enum or ValueKind.String,
            "JSON" or "Map" => source.Kind is ValueKind.Json or ValueKind.Map,
            "IPv4" or "IPv6" => source.Kind == ValueKind.String,
            _ => false,
        };
    }

    // A source that does not say how many digits its seconds have means 6.
    private static bool HasDigits(SourceType source, ClickHouseType target) =>
        (target.Arguments.IsEmpty || target.Name == "DateTime" ? 0 : target.Number(0)) >= (source.Precision < 0 ? 6 : source.Precision);

    private static bool AcceptsInteger(SourceType source, string target) => source.Kind switch
    {
        >= ValueKind.Int8 and <= ValueKind.UInt64 or ValueKind.Boolean or ValueKind.Interval => true,
        ValueKind.Decimal => source.Scale <= 0,
        ValueKind.Time => target == "Int64",
        _ => false,
    };
}
