using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Cdc.Debezium.Internal.Values;

/// <summary>The text of a value of any kind.</summary>
internal static class TextValues
{
    // Room for every boolean, number and time: a duration or an instant of 10¹⁸ seconds is shorter.
    private const int MaxScalarLength = 64;

    /// <summary>Whether the text inside the quotes is the value's text as it is.</summary>
    public static bool IsText(SourceType type) => type.Kind switch
    {
        ValueKind.String or ValueKind.Json or ValueKind.Enum or ValueKind.IntervalText or ValueKind.Unknown => (WireForm)type.Encoding is WireForm.Plain or WireForm.JsonText,
        _ => false,
    };

    public static int GetMaxUtf8Length(in Cell cell) => cell.Type.Kind switch
    {
        ValueKind.String or ValueKind.Json or ValueKind.Enum or ValueKind.IntervalText or ValueKind.Map => cell.Raw.Length,
        ValueKind.Decimal or ValueKind.Number => DecimalText.GetMaxLength(in cell),
        ValueKind.Array => ArrayValues.GetMaxLength(in cell),
        ValueKind.Point => SpatialValues.MaxPointLength,
        ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry or ValueKind.Unknown => Math.Max(cell.Raw.Length, Base64.GetMaxEncodedToUtf8Length(cell.Raw.Length + 1)),
        _ => MaxScalarLength,
    };

    public static int CopyUtf8(in Cell cell, Span<byte> destination)
    {
        if (cell.Token == WireToken.WholeJson) return CopyUtf8(Opening.FindToken(in cell), destination);
        if (IsText(cell.Type)) return CopyText(in cell, destination);
        if (cell.Token == WireToken.EscapedString && !BytesValues.IsBinary(cell.Type)) return CopyOpened(in cell, destination);
        switch (cell.Type.Kind)
        {
            case ValueKind.Boolean:
                return Append(IntegerValues.GetBoolean(in cell) ? "true"u8 : "false"u8, destination);
            case <= ValueKind.UInt64 or ValueKind.Interval:
                IntegerValues.GetInteger(in cell).TryFormat(destination, out var digits, default, CultureInfo.InvariantCulture);
                return digits;
            case ValueKind.Float32:
                FloatValues.GetSingle(in cell).TryFormat(destination, out var single, default, CultureInfo.InvariantCulture);
                return single;
            case ValueKind.Float64:
                FloatValues.GetDouble(in cell).TryFormat(destination, out var twice, default, CultureInfo.InvariantCulture);
                return twice;
            case ValueKind.Decimal or ValueKind.Number:
                return DecimalText.Copy(in cell, destination);
            case ValueKind.Uuid:
                return UuidValues.Copy(in cell, destination);
            case ValueKind.Date:
                return DateValues.Copy(in cell, destination);
            case ValueKind.Time or ValueKind.ZonedTime:
                return TimeValues.Copy(in cell, destination);
            case ValueKind.Timestamp or ValueKind.ZonedTimestamp:
                return TimestampValues.Copy(in cell, destination);
            case ValueKind.Array:
                return ArrayValues.Copy(in cell, destination);
            case ValueKind.Map:
                return CopyMap(in cell, destination);
            case ValueKind.Point:
                return SpatialValues.CopyPoint(in cell, destination);
            default:
                if (!BytesValues.IsBinary(cell.Type)) throw WireErrors.Contradicts(in cell);
                var length = BytesValues.CopyBytes(in cell, destination);

                // include.unknown.datatypes sends the source's own text as bytes.
                if (cell.Type.Kind == ValueKind.Unknown && Utf8.IsValid(destination[..length])) return length;
                Base64.EncodeToUtf8InPlace(destination, length, out var written);
                return written;
        }
    }

    private static int CopyText(in Cell cell, Span<byte> destination)
    {
        switch (cell.Token)
        {
            case WireToken.PlainString:
                return Append(cell.Raw, destination);
            case WireToken.EscapedString:
                return JsonText.Unescape(in cell, destination);
            default:
                return (WireForm)cell.Type.Encoding == WireForm.JsonText ? Append(cell.Raw, destination) : throw WireErrors.Contradicts(in cell);
        }
    }

    private static int CopyOpened(in Cell cell, Span<byte> destination)
    {
        var rented = ArrayPool<byte>.Shared.Rent(cell.Raw.Length);
        try
        {
            return CopyUtf8(Opening.Open(in cell, rented), destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // An object, or (hstore.handling.mode=json under a catalog that says map) the text of one.
    private static int CopyMap(in Cell cell, Span<byte> destination)
    {
        if (cell.Token == WireToken.Object) return JsonText.Compact(cell.Raw, destination);
        if (cell.Token != WireToken.PlainString) throw WireErrors.Contradicts(in cell);
        if (!IsObject(cell.Raw)) throw WireErrors.NotA(in cell, "an object");
        return JsonText.Compact(cell.Raw, destination);
    }

    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int Append(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
