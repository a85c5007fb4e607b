namespace Cdc.Debezium.Internal.Tables;

/// <summary>In which form the connector's modes make it send the types of a catalog: what a schema block would have said.</summary>
internal static class CatalogForms
{
    /// <summary>The type with its <see cref="SourceType.Encoding"/>.</summary>
    public static SourceType Apply(SourceType type, DebeziumOptions options) => type.Kind switch
    {
        ValueKind.Decimal or ValueKind.Number => Decimal(type, options),
        // A type that the connector does not know either is sent as the bytes of its text.
        ValueKind.Bytes or ValueKind.Unknown => Encode(type with { Kind = ValueKind.Bytes }, Bytes(options)),
        ValueKind.Bits => Encode(type, WireForm.BytesBase64),
        ValueKind.Date => Encode(type, options.TimePrecisionMode == TimePrecisionMode.IsoString ? WireForm.IsoText : WireForm.EpochDays),
        ValueKind.Time => Encode(type, Time(type.Precision, options.TimePrecisionMode)),
        ValueKind.Timestamp => Encode(type, Timestamp(type.Precision, options.TimePrecisionMode)),
        ValueKind.ZonedTime or ValueKind.ZonedTimestamp => Encode(type, WireForm.IsoText),
        ValueKind.Interval when options.IntervalHandlingMode == IntervalHandlingMode.String => Encode(type with { Kind = ValueKind.IntervalText }, WireForm.Plain),
        ValueKind.Interval => Encode(type, WireForm.Microseconds),
        ValueKind.Map when options.HstoreHandlingMode == HstoreHandlingMode.Json => Encode(type with { Kind = ValueKind.Json }, WireForm.Plain),
        ValueKind.Map => Encode(type, WireForm.StringMap),
        ValueKind.Point => Encode(type, WireForm.PointStruct),
        ValueKind.Geometry => Encode(type, WireForm.GeometryStruct),
        ValueKind.Array when type.Element is { } element => Encode(type with { Element = Apply(element, options) }, WireForm.JsonArray),
        ValueKind.String when !PostgresTypes.IsKnown(type) => Encode(type, WireForm.JsonText),
        _ => Encode(type, WireForm.Plain),
    };

    private static SourceType Encode(SourceType type, WireForm form) => type with { Encoding = (int)form };

    private static SourceType Decimal(SourceType type, DebeziumOptions options) => options.DecimalHandlingMode switch
    {
        DecimalHandlingMode.Double => Encode(type, WireForm.DecimalNumber),
        DecimalHandlingMode.String => Encode(type, WireForm.DecimalText),
        _ when type.Kind == ValueKind.Number => Encode(type, WireForm.DecimalStruct),
        _ when options.DecimalFormat == DecimalFormat.Numeric => Encode(type, WireForm.DecimalNumber),
        _ => Encode(type.Scale < 0 ? type with { Length = type.Scale + 2048 } : type, WireForm.DecimalBase64),
    };

    private static WireForm Bytes(DebeziumOptions options) => options.BinaryHandlingMode switch
    {
        BinaryHandlingMode.Base64UrlSafe => WireForm.BytesBase64Url,
        BinaryHandlingMode.Hex => WireForm.BytesHex,
        _ => WireForm.BytesBase64,
    };

    private static WireForm Time(int precision, TimePrecisionMode mode) => mode switch
    {
        TimePrecisionMode.Adaptive => Adaptive(precision),
        TimePrecisionMode.Connect => WireForm.Milliseconds,
        TimePrecisionMode.IsoString => WireForm.IsoText,
        TimePrecisionMode.Nanoseconds => WireForm.Nanoseconds,
        _ => WireForm.Microseconds,
    };

    private static WireForm Timestamp(int precision, TimePrecisionMode mode) => mode switch
    {
        TimePrecisionMode.Adaptive or TimePrecisionMode.AdaptiveTimeMicroseconds => Adaptive(precision),
        TimePrecisionMode.Connect => WireForm.Milliseconds,
        TimePrecisionMode.IsoString => WireForm.IsoText,
        TimePrecisionMode.Nanoseconds => WireForm.Nanoseconds,
        _ => WireForm.Microseconds,
    };

    private static WireForm Adaptive(int precision) => precision switch
    {
        >= 0 and <= 3 => WireForm.Milliseconds,
        > 6 => WireForm.Nanoseconds,
        _ => WireForm.Microseconds,
    };
}
