namespace Cdc.Postgres.Internal.Values;

/// <summary>Text inside JSON.</summary>
internal static class JsonText
{
    /// <summary>Writes text as the inside of a JSON string, with the fewest escapes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Six bytes for each of the text.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var written = 0;
        foreach (var b in text) written += Escape(b, destination[written..]);
        return written;
    }

    /// <summary>Writes one byte of a text.</summary>
    public static int Escape(byte b, Span<byte> destination)
    {
        var letter = b switch
        {
            (byte)'"' or (byte)'\\' => b,
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            < 0x20 => (byte)'u',
            _ => (byte)0,
        };
        if (letter == 0)
        {
            destination[0] = b;
            return 1;
        }

        destination[0] = (byte)'\\';
        destination[1] = letter;
        if (letter != 'u') return 2;
        "00"u8.CopyTo(destination[2..]);
        destination[4] = (byte)('0' + (b >> 4));
        destination[5] = "0123456789abcdef"u8[b & 15];
        return 6;
    }
}
