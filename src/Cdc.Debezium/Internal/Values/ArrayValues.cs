using System.Buffers;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Arrays: their elements, and their text in JSON.</summary>
internal static class ArrayValues
{
    public static bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element)
    {
        if (cell.Token == WireToken.WholeJson) return TryGetNextElement(Opening.FindToken(in cell), ref position, out element);
        if (cell.Token != WireToken.Array || cell.Type.Element is not { } type) throw WireErrors.Contradicts(in cell);
        var raw = cell.Raw;
        var first = position <= 0;
        if (first) position = 1;
        JsonScan.SkipWhitespace(raw, ref position);
        if (position >= raw.Length) throw WireErrors.NotA(in cell, "a whole JSON array");
        if (raw[position] == ']')
        {
            element = default;
            return false;
        }

        if (!first)
        {
            if (raw[position] != ',') throw WireErrors.NotA(in cell, "a whole JSON array");
            position++;
            JsonScan.SkipWhitespace(raw, ref position);
        }

        if (!JsonScan.TryReadValue(raw, ref position, out var token, out var value)) throw WireErrors.NotA(in cell, "a whole JSON array");
        element = cell.Part(type, token == WireToken.WholeJson ? CellState.Null : CellState.Value, token, value);
        return true;
    }

    /// <summary>At least what <see cref="Copy"/> writes.</summary>
    public static int GetMaxLength(in Cell cell)
    {
        var length = 2L;
        var position = 0;
        while (TryGetNextElement(in cell, ref position, out var element)) length += 3 + (element.State == CellState.Value ? TextValues.GetMaxUtf8Length(in element) : 4);
        return length <= Array.MaxLength ? (int)length : throw cell.Refuse(RefusalReason.TooLarge);
    }

    /// <summary>Writes the array as JSON without blanks: numbers as numbers, everything else that JSON has no form for as strings.</summary>
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var length = 0;
        var position = 0;
        destination[length++] = (byte)'[';
        while (TryGetNextElement(in cell, ref position, out var element))
        {
            if (length > 1) destination[length++] = (byte)',';
            length += CopyElement(in element, destination[length..]);
        }

        destination[length++] = (byte)']';
        return length;
    }

    private static int CopyElement(in Cell element, Span<byte> destination)
    {
        if (element.State != CellState.Value)
        {
            "null"u8.CopyTo(destination);
            return 4;
        }

        int length;
        if (TextValues.IsText(element.Type) || element.Type.Kind == ValueKind.Unknown)
        {
            length = CopyText(in element, destination[1..]);
        }
        else
        {
            length = TextValues.CopyUtf8(in element, destination[1..]);
            if (IsJson(element.Type.Kind, destination[length]))
            {
                destination.Slice(1, length).CopyTo(destination);
                return length;
            }
        }

        destination[0] = (byte)'"';
        destination[length + 1] = (byte)'"';
        return length + 2;
    }

    private static int CopyText(in Cell element, Span<byte> destination)
    {
        if (element.Token == WireToken.PlainString) return TextValues.CopyUtf8(in element, destination);
        var rented = ArrayPool<byte>.Shared.Rent(TextValues.GetMaxUtf8Length(in element));
        try
        {
            return JsonText.Escape(rented.AsSpan(0, TextValues.CopyUtf8(in element, rented)), destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // NaN and the infinities are words: only what ends in a digit is a number.
    private static bool IsJson(ValueKind kind, byte last) => kind switch
    {
        <= ValueKind.UInt64 or ValueKind.Interval or ValueKind.Array or ValueKind.Map or ValueKind.Point => true,
        ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.Number => char.IsAsciiDigit((char)last),
        _ => false,
    };
}
