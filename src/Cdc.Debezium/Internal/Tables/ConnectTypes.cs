using System.Globalization;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>Kafka Connect's and Debezium's types, as a schema block in JSON names them.</summary>
internal static class ConnectTypes
{
    /// <summary>The column that a field of a row's struct describes.</summary>
    public static ColumnShape Column(JsonElement field)
    {
        var parameters = field.TryGetProperty("parameters", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var name = Text(parameters, "__debezium.source.column.name") ?? Text(field, "field") ?? throw new FormatException("a field of the schema has no name");
        return new ColumnShape(ColumnNames.Repair(name), Type(field), !field.TryGetProperty("optional", out var optional) || optional.ValueKind == JsonValueKind.True)
        {
            Default = field.TryGetProperty("default", out var value) && value.ValueKind != JsonValueKind.Null ? System.Text.Encoding.UTF8.GetBytes(value.GetRawText()) : null,
        };
    }

    /// <summary>What the connector adds under <c>column.propagate.source.type</c>: decimals sent as text or doubles, and digits of a second.</summary>
    private static SourceType Refine(SourceType type, string sourceType, JsonElement parameters)
    {
        type = type with { Name = sourceType };
        var length = Number(parameters, "__debezium.source.column.length");
        var scale = Number(parameters, "__debezium.source.column.scale");
        if (type.Kind is ValueKind.Time or ValueKind.Timestamp or ValueKind.ZonedTime or ValueKind.ZonedTimestamp) return scale is >= 0 and <= 9 ? type with { Precision = scale.Value } : type;
        if (type.Kind is not (ValueKind.String or ValueKind.Float64) || sourceType is not ("NUMERIC" or "DECIMAL")) return type;
        var form = type.Kind == ValueKind.String ? WireForm.DecimalText : WireForm.DecimalNumber;

        // Without precision PostgreSQL's connector says 131089 digits.
        return length is > 0 and <= 1000 ? Make(ValueKind.Decimal, form, length.Value) with { Scale = scale >= 1024 ? scale.Value - 2048 : scale ?? 0, Name = sourceType } : Make(ValueKind.Number, form) with { Name = sourceType };
    }

    private static SourceType Type(JsonElement node)
    {
        var parameters = node.TryGetProperty("parameters", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var type = Connect(node, parameters);
        return Text(parameters, "__debezium.source.column.type") is { } sourceType ? Refine(type, sourceType, parameters) : type;
    }

    private static SourceType Connect(JsonElement node, JsonElement parameters) => Text(node, "name") switch
    {
        "org.apache.kafka.connect.data.Decimal" => Decimal(parameters),
        "io.debezium.data.VariableScaleDecimal" => Make(ValueKind.Number, WireForm.DecimalStruct),
        "io.debezium.data.Bits" => Make(ValueKind.Bits, WireForm.BytesBase64) with { Length = Length(parameters) },
        "io.debezium.time.Date" or "org.apache.kafka.connect.data.Date" => Make(ValueKind.Date, WireForm.EpochDays),
        "io.debezium.time.IsoDate" => Make(ValueKind.Date, WireForm.IsoText),
        "io.debezium.time.Time" or "org.apache.kafka.connect.data.Time" => Make(ValueKind.Time, WireForm.Milliseconds, 3),
        "io.debezium.time.MicroTime" => Make(ValueKind.Time, WireForm.Microseconds, 6),
        "io.debezium.time.NanoTime" => Make(ValueKind.Time, WireForm.Nanoseconds, 9),
        "io.debezium.time.IsoTime" => Make(ValueKind.Time, WireForm.IsoText, 6),
        "io.debezium.time.Timestamp" or "org.apache.kafka.connect.data.Timestamp" => Make(ValueKind.Timestamp, WireForm.Milliseconds, 3),
        "io.debezium.time.MicroTimestamp" => Make(ValueKind.Timestamp, WireForm.Microseconds, 6),
        "io.debezium.time.NanoTimestamp" => Make(ValueKind.Timestamp, WireForm.Nanoseconds, 9),
        "io.debezium.time.IsoTimestamp" => Make(ValueKind.Timestamp, WireForm.IsoText, 6),
        "io.debezium.time.ZonedTimestamp" => Make(ValueKind.ZonedTimestamp, WireForm.IsoText, 6),
        "io.debezium.time.ZonedTime" => Make(ValueKind.ZonedTime, WireForm.IsoText),
        "io.debezium.time.MicroDuration" => Make(ValueKind.Interval, WireForm.Microseconds),
        "io.debezium.time.Interval" => Make(ValueKind.IntervalText, WireForm.Plain),
        "io.debezium.time.Year" => Make(ValueKind.Int32, WireForm.Plain),
        "io.debezium.data.Uuid" => Make(ValueKind.Uuid, WireForm.Plain),
        "io.debezium.data.Json" => Make(ValueKind.Json, WireForm.Plain),
        "io.debezium.data.Enum" => Make(ValueKind.Enum, WireForm.Plain) with { Labels = Text(parameters, "allowed") },
        "io.debezium.data.geometry.Point" => Make(ValueKind.Point, WireForm.PointStruct),
        "io.debezium.data.geometry.Geometry" or "io.debezium.data.geometry.Geography" => Make(ValueKind.Geometry, WireForm.GeometryStruct),
        _ => Unnamed(node),
    };

    private static SourceType Unnamed(JsonElement node) => Text(node, "type") switch
    {
        "boolean" => Make(ValueKind.Boolean, WireForm.Plain),
        "int8" => Make(ValueKind.Int8, WireForm.Plain),
        "int16" => Make(ValueKind.Int16, WireForm.Plain),
        "int32" => Make(ValueKind.Int32, WireForm.Plain),
        "int64" => Make(ValueKind.Int64, WireForm.Plain),
        "float" => Make(ValueKind.Float32, WireForm.Plain),
        "double" => Make(ValueKind.Float64, WireForm.Plain),
        "string" => Make(ValueKind.String, WireForm.Plain),
        "bytes" => Make(ValueKind.Bytes, WireForm.BytesBase64),
        "array" when node.TryGetProperty("items", out var items) => Make(ValueKind.Array, WireForm.JsonArray) with { Element = Type(items) },
        "map" when IsString(node, "keys") && IsString(node, "values") => Make(ValueKind.Map, WireForm.StringMap),
        "map" or "struct" => Make(ValueKind.Unknown, WireForm.JsonText),
        _ => throw new FormatException("a field of the schema has a type that Kafka Connect does not have"),
    };

    /// <summary>
    /// Connect's Decimal. PostgreSQL's negative scale arrives as its 11 low bits (−2 as 2046), and the values are padded to that many digits:
    /// <see cref="SourceType.Length"/> keeps the scale of the wire then. Money has no precision.
    /// </summary>
    private static SourceType Decimal(JsonElement parameters)
    {
        var sent = Number(parameters, "scale") ?? throw new FormatException("a decimal of the schema has no scale");
        var scale = sent >= 1024 ? sent - 2048 : sent;
        return Make(ValueKind.Decimal, WireForm.DecimalBase64, Number(parameters, "connect.decimal.precision") ?? Math.Max(19, scale)) with { Scale = scale, Length = sent == scale ? -1 : sent };
    }

    private static int Length(JsonElement parameters) => Number(parameters, "length") is { } length and < int.MaxValue ? length : -1;

    private static SourceType Make(ValueKind kind, WireForm form, int precision = -1) => new(kind) { Encoding = (int)form, Precision = precision };

    private static bool IsString(JsonElement node, string part) => node.TryGetProperty(part, out var type) && Text(type, "type") == "string";

    private static int? Number(JsonElement node, string name)
    {
        if (Text(node, name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"the parameter {name} of the schema is no number");
    }

    internal static string? Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
