using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cdc;

/// <summary>
/// Rows as JSON in one form for every source and mode: numbers and decimals as numbers with all their digits, NaN and the
/// infinities as <c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c>, dates and times in ISO 8601, bytes in base64. Columns that are absent or
/// unavailable are left out.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Writes a row as an object.</summary>
    /// <param name="row">The row.</param>
    /// <param name="writer">Where to.</param>
    /// <exception cref="ChangeFormatException">A value is not what its type says.</exception>
    public static void Write(RowImage row, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        for (var i = 0; i < row.Columns.Length; i++)
        {
            if (row.GetState(i) is CellState.Absent or CellState.Unavailable) continue;
            writer.WritePropertyName(row.Columns[i].Name);
            Write(row[i], writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes one cell as a value.</summary>
    /// <param name="cell">The cell; anything but a value is written as null.</param>
    /// <param name="writer">Where to.</param>
    /// <exception cref="ChangeFormatException">The value is not what its type says.</exception>
    public static void Write(in Cell cell, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (cell.State != CellState.Value)
        {
            writer.WriteNullValue();
            return;
        }

        switch (cell.Type.Kind)
        {
            case ValueKind.Boolean:
                writer.WriteBooleanValue(cell.GetBoolean());
                break;
            case ValueKind.Int8 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64 or ValueKind.Interval:
                writer.WriteNumberValue(cell.GetInt64());
                break;
            case ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64:
                writer.WriteNumberValue(cell.GetUInt64());
                break;
            case ValueKind.Float32:
                WriteFloat(cell.GetSingle(), writer);
                break;
            case ValueKind.Float64:
                WriteFloat(cell.GetDouble(), writer);
                break;
            case ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry:
                WriteBytes(in cell, writer);
                break;
            case ValueKind.Array:
                writer.WriteStartArray();
                var position = 0;
                while (cell.TryGetNextElement(ref position, out var element)) Write(in element, writer);
                writer.WriteEndArray();
                break;
            case ValueKind.Decimal or ValueKind.Number:
                WriteText(in cell, writer, asNumber: true);
                break;
            case ValueKind.Map or ValueKind.Point:
                WriteText(in cell, writer, raw: true);
                break;
            default:
                WriteText(in cell, writer);
                break;
        }
    }

    internal static T? Deserialize<T>(RowImage row, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true })) Write(row, writer);
        return JsonSerializer.Deserialize(buffer.WrittenSpan, type);
    }

    private static void WriteFloat(double value, Utf8JsonWriter writer)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    private static void WriteFloat(float value, Utf8JsonWriter writer)
    {
        if (float.IsFinite(value)) writer.WriteNumberValue(value);
        else WriteFloat((double)value, writer);
    }

    private static void WriteBytes(in Cell cell, Utf8JsonWriter writer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(cell.MaxByteLength);
        try
        {
            writer.WriteBase64StringValue(rented.AsSpan(0, cell.CopyBytes(rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void WriteText(in Cell cell, Utf8JsonWriter writer, bool asNumber = false, bool raw = false)
    {
        byte[]? rented = null;
        try
        {
            if (!cell.TryGetUtf8(out var text))
            {
                rented = ArrayPool<byte>.Shared.Rent(cell.MaxUtf8Length);
                text = rented.AsSpan(0, cell.CopyUtf8(rented));
            }

            // NaN and the infinities of a decimal are words, everything else of it is a JSON number.
            if (raw || (asNumber && !text.IsEmpty && (char.IsAsciiDigit((char)text[^1])))) writer.WriteRawValue(text, skipInputValidation: true);
            else writer.WriteStringValue(text);
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
