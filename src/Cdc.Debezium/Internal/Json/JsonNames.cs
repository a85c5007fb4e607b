using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Json;

/// <summary>Texts out of validated JSON, as new strings: for names, not for values.</summary>
internal static class JsonNames
{
    /// <summary>The text of a string's inside, with or without escapes.</summary>
    public static string Unescape(ReadOnlySpan<byte> inside)
    {
        if (!inside.Contains((byte)'\\')) return Encoding.UTF8.GetString(inside);
        byte[] quoted = [(byte)'"', .. inside, (byte)'"'];
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }
}
