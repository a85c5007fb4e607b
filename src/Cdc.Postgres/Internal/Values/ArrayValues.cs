using System.Buffers;
using System.Buffers.Binary;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Arrays: their elements, and their text in JSON, nested where they have several dimensions. Lower bounds other than 1 are not told.</summary>
internal static class ArrayValues
{
    /// <summary>The token of an element whose text has backslashes before some characters.</summary>
    public const byte Escaped = (byte)'q';

    private const int HeaderLength = 12;

    /// <summary>The next element of an array of one dimension.</summary>
    /// <exception cref="ValueRefusedException">The array has several dimensions.</exception>
    public static bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element)
    {
        if (PgDecoder.Form(in cell) != PgForm.Array) throw PgDecoder.Contradicts(in cell);
        if (PgDecoder.IsBinary(in cell)) return TryGetNextBinary(in cell, ref position, out element);
        var text = new ArrayText(in cell, position);
        if (position == 0 && text.TakeOpen() > 1)
        {
            throw cell.Refuse(RefusalReason.Type, "the array has several dimensions and the column holds one: store it as text");
        }

        if (!text.TryTakeElement(out var raw, out var state, out var token))
        {
            element = default;
            return false;
        }

        position = text.Position;
        element = cell.Part(cell.Type.Element!, state, token, raw);
        return true;
    }

    /// <summary>At least what <see cref="Copy"/> writes.</summary>
    public static int GetMaxLength(in Cell cell)
    {
        // Six bytes of JSON for a character at most; an integer, time or UUID in binary is shorter than 64.
        var length = IsOfNumerics(in cell) ? GetMaxLengthOfNumerics(in cell)
            : PgDecoder.IsBinary(in cell) ? (cell.Raw.Length * 6L) + (cell.Raw.Length / 4L * 64) + 64 : (cell.Raw.Length * 6L) + 96 + (32L * cell.Raw.Length);
        return length <= Array.MaxLength ? (int)length : throw cell.Refuse(RefusalReason.TooLarge);
    }

    private static bool IsOfNumerics(in Cell cell) => PgDecoder.IsBinary(in cell) && (PgForm)cell.Type.Element!.Encoding == PgForm.Numeric;

    // Ten bytes may be a number of a hundred thousand digits.
    private static long GetMaxLengthOfNumerics(in Cell cell)
    {
        var dimensions = Dimensions(in cell);
        var brackets = 2 * Math.Max(1, dimensions);
        long length = brackets;
        for (var position = HeaderLength + (8 * dimensions); position < cell.Raw.Length;)
        {
            var element = TakeBinary(in cell, ref position);
            length += brackets + 3 + (element.State == CellState.Value ? NumericValues.GetMaxLength(in element) : 4);
        }

        return length;
    }

    /// <summary>Writes the array as JSON without blanks.</summary>
    public static int Copy(in Cell cell, Span<byte> destination) => PgDecoder.IsBinary(in cell) ? CopyBinary(in cell, destination) : CopyText(in cell, destination);

    /// <summary>Drops the backslashes before characters.</summary>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            destination[written++] = text[i];
        }

        return written;
    }

    private static int CopyText(in Cell cell, Span<byte> destination)
    {
        var text = new ArrayText(in cell, 0);
        text.SkipBounds();
        var length = 0;
        var depth = 0;
        var first = true;
        do
        {
            if (text.Take((byte)'}'))
            {
                destination[length++] = (byte)']';
                depth--;
                first = false;
                continue;
            }

            if (!first)
            {
                if (!text.Take((byte)',')) throw PgDecoder.NotA(in cell, "an array");
                destination[length++] = (byte)',';
            }

            if (text.Take((byte)'{'))
            {
                destination[length++] = (byte)'[';
                depth++;
                first = true;
                continue;
            }

            if (depth == 0) throw PgDecoder.NotA(in cell, "an array");
            text.TakeItem(out var raw, out var state, out var token);
            length += CopyElement(cell.Part(cell.Type.Element!, state, token, raw), destination[length..]);
            first = false;
        }
        while (depth > 0);
        return text.AtEnd ? length : throw PgDecoder.NotA(in cell, "an array");
    }

    private static int CopyElement(in Cell element, Span<byte> destination)
    {
        if (element.State != CellState.Value)
        {
            "null"u8.CopyTo(destination);
            return 4;
        }

        if (TextValues.IsPlain(in element) && PgDecoder.Form(in element) != PgForm.Numeric) return Quote(TextValues.Plain(in element), destination);
        if (element.Token == Escaped && PgDecoder.Form(in element) is PgForm.Text or PgForm.TextOnly or PgForm.Jsonb)
        {
            var rented = ArrayPool<byte>.Shared.Rent(element.Raw.Length);
            try
            {
                return Quote(rented.AsSpan(0, Unescape(element.Raw, rented)), destination);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }

        var length = TextValues.Copy(in element, destination[1..]);
        if (IsJson(element.Type.Kind, destination[length]))
        {
            destination.Slice(1, length).CopyTo(destination);
            return length;
        }

        destination[0] = (byte)'"';
        destination[length + 1] = (byte)'"';
        return length + 2;
    }

    private static int Quote(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        destination[0] = (byte)'"';
        var length = JsonText.Escape(text, destination[1..]);
        destination[length + 1] = (byte)'"';
        return length + 2;
    }

    // NaN and the infinities are words: only what ends in a digit is a number.
    private static bool IsJson(ValueKind kind, byte last) => kind switch
    {
        <= ValueKind.UInt64 or ValueKind.Interval or ValueKind.Map or ValueKind.Point => true,
        ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.Number => char.IsAsciiDigit((char)last),
        _ => false,
    };

    private static bool TryGetNextBinary(scoped in Cell cell, ref int position, out Cell element)
    {
        var dimensions = Dimensions(in cell);
        if (dimensions > 1) throw cell.Refuse(RefusalReason.Type, "the array has several dimensions and the column holds one: store it as text");
        if (position == 0) position = HeaderLength + (8 * dimensions);
        if (position == cell.Raw.Length)
        {
            element = default;
            return false;
        }

        element = TakeBinary(in cell, ref position);
        return true;
    }

    private static int CopyBinary(in Cell cell, Span<byte> destination)
    {
        var dimensions = Dimensions(in cell);
        if (dimensions == 0)
        {
            "[]"u8.CopyTo(destination);
            return 2;
        }

        Span<int> sizes = stackalloc int[6];
        for (var i = 0; i < dimensions; i++) sizes[i] = BinaryPrimitives.ReadInt32BigEndian(cell.Raw[(HeaderLength + (8 * i))..]);
        var length = 0;
        var position = HeaderLength + (8 * dimensions);
        CopyDimension(in cell, sizes[..dimensions], ref position, destination, ref length);
        return position == cell.Raw.Length ? length : throw PgDecoder.NotA(in cell, "an array");
    }

    private static void CopyDimension(in Cell cell, ReadOnlySpan<int> sizes, ref int position, Span<byte> destination, ref int length)
    {
        destination[length++] = (byte)'[';
        for (var i = 0; i < sizes[0]; i++)
        {
            if (i > 0) destination[length++] = (byte)',';
            if (sizes.Length > 1) CopyDimension(in cell, sizes[1..], ref position, destination, ref length);
            else length += CopyElement(TakeBinary(in cell, ref position), destination[length..]);
        }

        destination[length++] = (byte)']';
    }

    private static Cell TakeBinary(scoped in Cell cell, ref int position)
    {
        var raw = cell.Raw;
        if (raw.Length - position < 4) throw PgDecoder.NotA(in cell, "an array");
        var length = BinaryPrimitives.ReadInt32BigEndian(raw[position..]);
        position += 4;
        if (length == -1) return cell.Part(cell.Type.Element!, CellState.Null, PgToken.Binary, default);
        if ((uint)length > (uint)(raw.Length - position)) throw PgDecoder.NotA(in cell, "an array");
        position += length;
        return cell.Part(cell.Type.Element!, CellState.Value, PgToken.Binary, raw.Slice(position - length, length));
    }

    private static int Dimensions(in Cell cell)
    {
        var dimensions = cell.Raw.Length >= HeaderLength ? BinaryPrimitives.ReadInt32BigEndian(cell.Raw) : -1;
        if (dimensions is < 0 or > 6 || cell.Raw.Length < HeaderLength + (8 * dimensions)) throw PgDecoder.NotA(in cell, "an array");

        // An empty array has no dimension, and every element has a length of 4 bytes.
        var most = (cell.Raw.Length - HeaderLength) / 4;
        for (var i = 0; i < dimensions; i++)
        {
            if (BinaryPrimitives.ReadInt32BigEndian(cell.Raw[(HeaderLength + (8 * i))..]) is var size && (size < 1 || size > most)) throw PgDecoder.NotA(in cell, "an array");
        }

        return dimensions;
    }
}
