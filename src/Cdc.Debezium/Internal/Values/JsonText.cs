using System.Buffers.Text;
using System.Text;

namespace Cdc.Debezium.Internal.Values;

/// <summary>The escapes of JSON strings, and JSON without blanks.</summary>
internal static class JsonText
{
    /// <summary>Undoes the escapes of a string.</summary>
    /// <param name="cell">The inside of a JSON string.</param>
    /// <param name="destination">As many bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Unescape(in Cell cell, Span<byte> destination) =>
        TryUnescape(cell.Raw, destination, out var written)
            ? written
            : throw cell.Malformed("The string has a broken escape or half of a surrogate pair, which is no text: repair it at the source or drop the column.");

    /// <summary>Undoes the escapes of a string; false for a broken one.</summary>
    public static bool TryUnescape(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        written = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw.CopyTo(destination[written..]);
                written += raw.Length;
                return true;
            }

            raw[..plain].CopyTo(destination[written..]);
            written += plain;
            raw = raw[plain..];
            if (raw.Length < 2) return false;
            if (raw[1] == 'u')
            {
                if (!TryReadRune(ref raw, out var rune)) return false;
                written += rune.EncodeToUtf8(destination[written..]);
                continue;
            }

            var character = raw[1] switch
            {
                (byte)'"' or (byte)'\\' or (byte)'/' => raw[1],
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => (byte)0,
            };
            if (character == 0) return false;
            destination[written++] = character;
            raw = raw[2..];
        }
    }

    /// <summary>Writes text as the inside of a JSON string, with the fewest escapes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">As many bytes as the text had as any JSON string.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var written = 0;
        foreach (var b in text)
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
                destination[written++] = b;
                continue;
            }

            destination[written++] = (byte)'\\';
            destination[written++] = letter;
            if (letter != 'u') continue;
            "00"u8.CopyTo(destination[written..]);
            destination[written + 2] = (byte)('0' + (b >> 4));
            destination[written + 3] = "0123456789abcdef"u8[b & 15];
            written += 4;
        }

        return written;
    }

    /// <summary>Copies JSON without the blanks between its values.</summary>
    public static int Compact(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        var written = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (!inString && b is ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) continue;
            destination[written++] = b;
            if (b == '"') inString = !inString;
            if (inString && b == '\\' && i + 1 < json.Length) destination[written++] = json[++i];
        }

        return written;
    }

    private static bool TryReadRune(ref ReadOnlySpan<byte> raw, out Rune rune)
    {
        rune = default;
        if (!TryReadUnit(ref raw, out var first)) return false;
        if (!char.IsSurrogate(first)) return Rune.TryCreate(first, out rune);
        return raw.StartsWith("\\u"u8) && TryReadUnit(ref raw, out var second) && Rune.TryCreate(first, second, out rune);
    }

    private static bool TryReadUnit(ref ReadOnlySpan<byte> raw, out char unit)
    {
        unit = default;
        if (raw.Length < 6 || !Utf8Parser.TryParse(raw[2..6], out ushort value, out var consumed, 'x') || consumed != 4) return false;
        unit = (char)value;
        raw = raw[6..];
        return true;
    }
}
