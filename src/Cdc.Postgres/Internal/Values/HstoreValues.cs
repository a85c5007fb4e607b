using System.Buffers;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Maps: <c>"key"=&gt;"value", "none"=&gt;NULL</c> as a JSON object without blanks.</summary>
internal static class HstoreValues
{
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        if (cell.Token != ArrayValues.Escaped) return Copy(in cell, cell.Raw, destination);
        var rented = ArrayPool<byte>.Shared.Rent(cell.Raw.Length);
        try
        {
            return Copy(in cell, rented.AsSpan(0, ArrayValues.Unescape(cell.Raw, rented)), destination);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int Copy(in Cell cell, ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var length = 0;
        var at = 0;
        destination[length++] = (byte)'{';
        while (at < text.Length)
        {
            if (length > 1)
            {
                if (!text[at..].StartsWith(", "u8)) throw PgDecoder.NotA(in cell, "an hstore");
                at += 2;
                destination[length++] = (byte)',';
            }

            CopyString(in cell, text, ref at, destination, ref length);
            if (!text[at..].StartsWith("=>"u8)) throw PgDecoder.NotA(in cell, "an hstore");
            at += 2;
            destination[length++] = (byte)':';
            if (text[at..].StartsWith("NULL"u8))
            {
                "null"u8.CopyTo(destination[length..]);
                at += 4;
                length += 4;
            }
            else
            {
                CopyString(in cell, text, ref at, destination, ref length);
            }
        }

        destination[length++] = (byte)'}';
        return length;
    }

    private static void CopyString(in Cell cell, ReadOnlySpan<byte> text, ref int at, Span<byte> destination, ref int length)
    {
        if (at >= text.Length || text[at++] != '"') throw PgDecoder.NotA(in cell, "an hstore");
        destination[length++] = (byte)'"';
        while (true)
        {
            if (at >= text.Length) throw PgDecoder.NotA(in cell, "an hstore");
            var b = text[at++];
            if (b == '"') break;
            if (b == '\\')
            {
                if (at >= text.Length) throw PgDecoder.NotA(in cell, "an hstore");
                b = text[at++];
            }

            length += JsonText.Escape(b, destination[length..]);
        }

        destination[length++] = (byte)'"';
    }
}
