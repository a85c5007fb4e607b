using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NpgsqlTypes;

namespace Cdc.Cli;

/// <summary>Cells and positions as text. Control characters of a value never reach the terminal.</summary>
internal static class TailCell
{
    /// <summary>Letters stay as they are; quotes and control characters are escaped.</summary>
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int Longest = 200;
    private const int Kept = 80;

    /// <summary>A value as JSON, whole.</summary>
    public static string Whole(in Cell cell)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Json)) CanonicalJson.Write(in cell, writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A value for people: shortened, with its length, where it is long.</summary>
    public static string Short(in Cell cell)
    {
        try
        {
            var text = Whole(in cell);
            if (text.Length <= Longest) return Printable(text);
            var end = char.IsHighSurrogate(text[Kept - 1]) ? Kept - 1 : Kept;
            return string.Create(CultureInfo.InvariantCulture, $"{Printable(text[..end])}… ({text.Length:N0} characters)");
        }
        catch (CdcException failure)
        {
            return $"(cannot be read: {failure.Message})";
        }
    }

    public static string Lsn(ulong position) => new NpgsqlLogSequenceNumber(position).ToString();

    public static DateTimeOffset Time(ChangeEvent change) => DateTimeOffset.UnixEpoch.AddTicks(change.SourceTimestamp * TimeSpan.TicksPerMicrosecond);

    // Maps and points are written as the source has them; nothing of them may steer a terminal either.
    private static string Printable(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var clean = new StringBuilder();
        foreach (var c in text) clean.Append(char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString());
        return clean.ToString();
    }
}
