using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>Declares columns as fields of a Connect schema, in the forms that <see cref="ValueWriter"/> writes.</summary>
internal static class SchemaFields
{
    public static void WriteStruct(TableShape shape, ImmutableArray<ColumnShape> columns, string name, string? field, bool optional, ValueWriter values, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "struct"u8);
        json.WriteStartArray("fields"u8);
        foreach (var column in columns)
        {
            json.WriteStartObject();
            WriteType(column.Type, values, json);
            json.WriteBoolean("optional"u8, column.Nullable);
            if (shape.IndexOf(column.Name) is >= 0 and var index && column.Default is not null)
            {
                json.WritePropertyName("default"u8);
                values.Write(shape.DefaultCell(index), json);
            }

            json.WriteString("field"u8, column.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("optional"u8, optional);
        json.WriteString("name"u8, name);
        if (field is not null) json.WriteString("field"u8, field);
        json.WriteEndObject();
    }

    private static void WriteType(SourceType type, ValueWriter values, Utf8JsonWriter json)
    {
        switch (type.Kind)
        {
            case ValueKind.Decimal or ValueKind.Number when values.HasTextDecimals:
                Named(json, "string");
                WriteSourceType(json, "NUMERIC", type.Kind == ValueKind.Decimal ? type.Precision : -1, type.Kind == ValueKind.Decimal ? type.Scale : null);
                break;
            case ValueKind.Decimal:
                Named(json, "bytes", "org.apache.kafka.connect.data.Decimal");
                WriteDecimal(json, DecimalWriter.WireScale(type), type.Precision);
                break;
            case ValueKind.UInt64:
                Named(json, "bytes", "org.apache.kafka.connect.data.Decimal");
                WriteDecimal(json, 0, 20);
                break;
            case ValueKind.Number:
                Named(json, "struct", "io.debezium.data.VariableScaleDecimal");
                json.WritePropertyName("fields"u8);
                json.WriteRawValue("""[{"type":"int32","optional":false,"field":"scale"},{"type":"bytes","optional":false,"field":"value"}]"""u8, skipInputValidation: true);
                break;
            case ValueKind.Bits:
                Named(json, "bytes", "io.debezium.data.Bits");
                json.WriteStartObject("parameters"u8);
                json.WriteString("length"u8, (type.Length < 0 ? int.MaxValue : type.Length).ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
                break;
            case ValueKind.Enum:
                Named(json, "string", "io.debezium.data.Enum");
                json.WriteStartObject("parameters"u8);
                json.WriteString("allowed"u8, type.Labels ?? "");
                json.WriteEndObject();
                break;
            case ValueKind.Array when type.Element is { } element:
                Named(json, "array");
                json.WriteStartObject("items"u8);
                WriteType(element, values, json);
                json.WriteBoolean("optional"u8, true);
                json.WriteEndObject();
                break;
            case ValueKind.Map:
                Named(json, "map");
                json.WritePropertyName("keys"u8);
                json.WriteRawValue("""{"type":"string","optional":false}"""u8, skipInputValidation: true);
                json.WritePropertyName("values"u8);
                json.WriteRawValue("""{"type":"string","optional":true}"""u8, skipInputValidation: true);
                break;
            case ValueKind.Point:
                Named(json, "struct", "io.debezium.data.geometry.Point");
                break;
            case ValueKind.Geometry:
                Named(json, "struct", "io.debezium.data.geometry.Geometry");
                break;
            default:
                var (name, logical) = Simple(type);
                Named(json, name, logical);
                if (SourceName(type.Kind) is { } source && type.Precision >= 0) WriteSourceType(json, source, -1, type.Precision);
                break;
        }
    }

    private static (string Type, string? Name) Simple(SourceType type) => (type.Kind, ValueWriter.Digits(type)) switch
    {
        (ValueKind.Boolean, _) => ("boolean", null),
        (ValueKind.Int8, _) => ("int8", null),
        (ValueKind.Int16 or ValueKind.UInt8, _) => ("int16", null),
        (ValueKind.Int32 or ValueKind.UInt16, _) => ("int32", null),
        (ValueKind.Int64 or ValueKind.UInt32, _) => ("int64", null),
        (ValueKind.Float32, _) => ("float", null),
        (ValueKind.Float64, _) => ("double", null),
        (ValueKind.Bytes, _) => ("bytes", null),
        (ValueKind.Json, _) => ("string", "io.debezium.data.Json"),
        (ValueKind.Uuid, _) => ("string", "io.debezium.data.Uuid"),
        (ValueKind.Date, _) => ("int32", "io.debezium.time.Date"),
        (ValueKind.Time, 3) => ("int32", "io.debezium.time.Time"),
        (ValueKind.Time, 6) => ("int64", "io.debezium.time.MicroTime"),
        (ValueKind.Time, _) => ("int64", "io.debezium.time.NanoTime"),
        (ValueKind.Timestamp, 3) => ("int64", "io.debezium.time.Timestamp"),
        (ValueKind.Timestamp, 6) => ("int64", "io.debezium.time.MicroTimestamp"),
        (ValueKind.Timestamp, _) => ("int64", "io.debezium.time.NanoTimestamp"),
        (ValueKind.ZonedTime, _) => ("string", "io.debezium.time.ZonedTime"),
        (ValueKind.ZonedTimestamp, _) => ("string", "io.debezium.time.ZonedTimestamp"),
        (ValueKind.Interval, _) => ("int64", "io.debezium.time.MicroDuration"),
        (ValueKind.IntervalText, _) => ("string", "io.debezium.time.Interval"),
        _ => ("string", null),
    };

    private static string? SourceName(ValueKind kind) => kind switch
    {
        ValueKind.Time => "TIME",
        ValueKind.ZonedTime => "TIMETZ",
        ValueKind.Timestamp => "TIMESTAMP",
        ValueKind.ZonedTimestamp => "TIMESTAMPTZ",
        _ => null,
    };

    /// <summary>As under <c>column.propagate.source.type</c>: what the Connect type does not say.</summary>
    private static void WriteSourceType(Utf8JsonWriter json, string name, int length, int? scale)
    {
        json.WriteStartObject("parameters"u8);
        json.WriteString("__debezium.source.column.type"u8, name);
        if (length > 0) json.WriteString("__debezium.source.column.length"u8, length.ToString(CultureInfo.InvariantCulture));
        if (scale is { } digits) json.WriteString("__debezium.source.column.scale"u8, digits.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void Named(Utf8JsonWriter json, string type, string? name = null)
    {
        json.WriteString("type"u8, type);
        if (name is null) return;
        json.WriteString("name"u8, name);
        json.WriteNumber("version"u8, 1);
    }

    private static void WriteDecimal(Utf8JsonWriter json, int scale, int precision)
    {
        json.WriteStartObject("parameters"u8);
        json.WriteString("scale"u8, scale.ToString(CultureInfo.InvariantCulture));
        if (precision > 0) json.WriteString("connect.decimal.precision"u8, precision.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
