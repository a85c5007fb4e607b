using System.Buffers;
using System.Numerics;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>Writes cells of any source in the connector's default forms: what <see cref="SchemaFields"/> declares of them.</summary>
internal sealed class ValueWriter(DebeziumWriterOptions options)
{
    private readonly PlaceholderWriter placeholder = new(options.UnavailableValuePlaceholder);

    public bool HasTextDecimals => options.DecimalHandlingMode == DecimalHandlingMode.String;

    public void Write(in Cell cell, Utf8JsonWriter json)
    {
        switch (cell.State)
        {
            case CellState.Value:
                WriteValue(in cell, json);
                break;
            case CellState.Unavailable:
                placeholder.Write(in cell, json, HasTextDecimals);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private void WriteValue(in Cell cell, Utf8JsonWriter json)
    {
        switch (cell.Type.Kind)
        {
            case ValueKind.Boolean:
                json.WriteBooleanValue(cell.GetBoolean());
                break;
            case ValueKind.Int8 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64 or ValueKind.Interval:
                json.WriteNumberValue(cell.GetInt64());
                break;
            case ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32:
                json.WriteNumberValue(cell.GetUInt64());
                break;
            case ValueKind.UInt64:
                json.WriteBase64StringValue(((BigInteger)cell.GetUInt64()).ToByteArray(isBigEndian: true));
                break;
            case ValueKind.Float32:
                WriteFloat(cell.GetSingle(), json);
                break;
            case ValueKind.Float64:
                WriteFloat(cell.GetDouble(), json);
                break;
            case ValueKind.Decimal or ValueKind.Number:
                DecimalWriter.Write(in cell, json, HasTextDecimals);
                break;
            case ValueKind.Date:
                json.WriteNumberValue(cell.GetDate() switch
                {
                    Cell.PositiveInfinity => -2147472692,
                    Cell.NegativeInfinity => -2147472691,
                    var days => days,
                });
                break;
            case ValueKind.Time:
                json.WriteNumberValue(cell.GetTime(Digits(cell.Type)));
                break;
            case ValueKind.Timestamp:
                WriteTimestamp(in cell, json);
                break;
            case ValueKind.Bytes or ValueKind.Bits:
                WriteBytes(in cell, json);
                break;
            case ValueKind.Geometry:
                json.WriteStartObject();
                json.WritePropertyName("wkb"u8);
                WriteBytes(in cell, json);
                json.WriteNull("srid"u8);
                json.WriteEndObject();
                break;
            case ValueKind.Point:
                var (x, y) = cell.GetPoint();
                json.WriteStartObject();
                json.WritePropertyName("x"u8);
                WriteFloat(x, json);
                json.WritePropertyName("y"u8);
                WriteFloat(y, json);
                json.WriteNull("wkb"u8);
                json.WriteNull("srid"u8);
                json.WriteEndObject();
                break;
            case ValueKind.Array:
                json.WriteStartArray();
                var position = 0;
                while (cell.TryGetNextElement(ref position, out var element)) Write(in element, json);
                json.WriteEndArray();
                break;
            case ValueKind.Map:
                WriteText(in cell, json, TextAs.Json);
                break;
            case ValueKind.Unknown:
                WriteText(in cell, json, options.IncludeSchema ? TextAs.String : TextAs.Base64);
                break;
            default:
                WriteText(in cell, json, TextAs.String);
                break;
        }
    }

    /// <summary>The digits of a second in which a type is written: 3, 6 or 9.</summary>
    public static int Digits(SourceType type) => type.Precision switch
    {
        >= 0 and <= 3 => 3,
        > 6 => 9,
        _ => 6,
    };

    private static void WriteTimestamp(in Cell cell, Utf8JsonWriter json)
    {
        var digits = Digits(cell.Type);
        json.WriteNumberValue((cell.GetTimestamp(digits), digits) switch
        {
            (Cell.PositiveInfinity, 3) => 9223372036825200,
            (Cell.NegativeInfinity, 3) => -9223372036832400,
            (Cell.PositiveInfinity, 6) => 9223372036825200000,
            (Cell.NegativeInfinity, 6) => -9223372036832400000,
            (var value, _) => value,
        });
    }

    private static void WriteFloat(double value, Utf8JsonWriter json)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteStringValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    private static void WriteFloat(float value, Utf8JsonWriter json)
    {
        if (float.IsFinite(value)) json.WriteNumberValue(value);
        else WriteFloat((double)value, json);
    }

    private static void WriteBytes(in Cell cell, Utf8JsonWriter json)
    {
        var rented = ArrayPool<byte>.Shared.Rent(cell.MaxByteLength);
        try
        {
            json.WriteBase64StringValue(rented.AsSpan(0, cell.CopyBytes(rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private enum TextAs
    {
        String,
        Json,
        Base64,
    }

    private static void WriteText(in Cell cell, Utf8JsonWriter json, TextAs form)
    {
        byte[]? rented = null;
        try
        {
            if (!cell.TryGetUtf8(out var text))
            {
                rented = ArrayPool<byte>.Shared.Rent(cell.MaxUtf8Length);
                text = rented.AsSpan(0, cell.CopyUtf8(rented));
            }

            if (form == TextAs.Json) json.WriteRawValue(text, skipInputValidation: true);
            else if (form == TextAs.Base64) json.WriteBase64StringValue(text);
            else json.WriteStringValue(text);
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
