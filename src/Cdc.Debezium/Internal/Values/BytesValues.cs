using System.Buffers;
using System.Buffers.Text;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Bytes, bit strings and the bytes of geometries.</summary>
internal static class BytesValues
{
    // No encoding of bytes is shorter than the bytes; text is its own bytes.
    public static int GetMaxByteLength(in Cell cell) => IsBinary(cell.Type) ? cell.Raw.Length + 1 : TextValues.GetMaxUtf8Length(in cell);

    public static int CopyBytes(in Cell cell, Span<byte> destination)
    {
        if (!IsBinary(cell.Type)) return TextValues.CopyUtf8(in cell, destination);
        if (cell.Token == WireToken.WholeJson) return CopyBytes(Opening.FindToken(in cell), destination);
        return cell.Type.Kind switch
        {
            ValueKind.Bits => CopyBits(in cell, destination),
            ValueKind.Geometry or ValueKind.Point => CopyString(SpatialValues.GetWkb(in cell), WireForm.BytesBase64, destination),
            _ => CopyString(in cell, (WireForm)cell.Type.Encoding, destination),
        };
    }

    /// <summary>Whether the value is bytes, so that its text is base64.</summary>
    public static bool IsBinary(SourceType type) =>
        type.Kind is ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry or ValueKind.Point
        || (type.Kind == ValueKind.Unknown && (WireForm)type.Encoding is WireForm.BytesBase64 or WireForm.BytesBase64Url or WireForm.BytesHex);

    // Base64 whatever binary.handling.mode says; MySQL pads to the column's length, PostgreSQL does not; bit(1) is a boolean.
    private static int CopyBits(in Cell cell, Span<byte> destination)
    {
        if (cell.Token == WireToken.False) return 0;
        if (cell.Token == WireToken.True)
        {
            destination[0] = 1;
            return 1;
        }

        var written = CopyString(in cell, WireForm.BytesBase64, destination);
        return destination[..written].LastIndexOfAnyExcept((byte)0) + 1;
    }

    private static int CopyString(in Cell cell, WireForm form, Span<byte> destination)
    {
        if (cell.Token is not (WireToken.PlainString or WireToken.EscapedString)) throw WireErrors.Contradicts(in cell);
        if (cell.Token == WireToken.EscapedString)
        {
            // Without escapes the text is never longer than the raw, and the bytes never longer than the text.
            var rented = ArrayPool<byte>.Shared.Rent(cell.Raw.Length);
            try
            {
                return Decode(in cell, rented.AsSpan(0, JsonText.Unescape(in cell, rented)), form, destination);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }

        return Decode(in cell, cell.Raw, form, destination);
    }

    private static int Decode(in Cell cell, ReadOnlySpan<byte> text, WireForm form, Span<byte> destination)
    {
        OperationStatus status;
        int consumed;
        int written;
        switch (form)
        {
            case WireForm.BytesBase64:
                status = Base64.DecodeFromUtf8(text, destination, out consumed, out written);
                break;
            case WireForm.BytesBase64Url:
                status = Base64Url.DecodeFromUtf8(text, destination, out consumed, out written);
                break;
            case WireForm.BytesHex:
                status = Convert.FromHexString(text, destination, out consumed, out written);
                break;
            default:
                throw WireErrors.Contradicts(in cell);
        }

        return status == OperationStatus.Done && consumed == text.Length ? written : throw WireErrors.NotA(in cell, form == WireForm.BytesHex ? "hexadecimal digits" : "base64");
    }
}
