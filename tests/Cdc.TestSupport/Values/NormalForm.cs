using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cdc.TestSupport.Values;

/// <summary>
/// One text for each value, whatever wrote it: decimals without needless zeros, floats in the shortest form that reads back, times without
/// trailing zeros, bytes as lower hex, arrays and maps as JSON of such texts. Two values are equal when their normal forms are.
/// </summary>
public static class NormalForm
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A decimal; NaN and the infinities by their names.</summary>
    public static string Decimal(string text) => text.ToUpperInvariant() switch
    {
        "NAN" => "NaN",
        "INFINITY" or "POSITIVE_INFINITY" or "INF" => "Infinity",
        "-INFINITY" or "NEGATIVE_INFINITY" or "-INF" => "-Infinity",
        _ => ExactDecimal.Parse(text).ToString(),
    };

    /// <summary>A double.</summary>
    public static string Double(string text) => Special(text) ?? double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A single.</summary>
    public static string Single(string text) => Special(text) ?? float.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A date, time or timestamp: no trailing zeros of a second, a blank between date and time.</summary>
    public static string Time(string text)
    {
        text = text.Replace('T', ' ');
        return text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>A UTC time with its <c>Z</c>.</summary>
    public static string ZonedTime(string text) => $"{Time(text.TrimEnd('Z'))}Z";

    /// <summary>A date, time or timestamp of which only milliseconds were sent; earlier times are rounded down.</summary>
    public static string ToMilliseconds(string normalTime)
    {
        var point = normalTime.IndexOf('.');
        return point < 0 || normalTime.Length - point <= 4 ? normalTime : Time(normalTime[..(point + 4)]);
    }

    /// <summary>A bit string as little-endian bytes without trailing zero bytes.</summary>
    public static string Bits(string bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
        {
            var place = bits.Length - 1 - i;
            if (bits[i] == '1') bytes[place / 8] |= (byte)(1 << (place % 8));
        }

        return TrimBits(Convert.ToHexStringLower(bytes));
    }

    /// <summary>Drops the zero bytes at the end of a bit string's hex.</summary>
    public static string TrimBits(string hex)
    {
        while (hex.EndsWith("00", StringComparison.Ordinal)) hex = hex[..^2];
        return hex;
    }

    /// <summary>A list of normal forms.</summary>
    public static string List(IEnumerable<string?> elements) => JsonSerializer.Serialize(elements, Relaxed);

    /// <summary>A map of texts, sorted by key.</summary>
    public static string Map(SortedDictionary<string, string?> pairs) => JsonSerializer.Serialize(pairs, Relaxed);

    /// <summary>A JSON object of texts as a map.</summary>
    public static string MapFromJson(string json)
    {
        var pairs = JsonSerializer.Deserialize<Dictionary<string, string?>>(json)!;
        return Map(new SortedDictionary<string, string?>(pairs, StringComparer.Ordinal));
    }

    private static string? Special(string text) => text.ToLowerInvariant() switch
    {
        "nan" => "NaN",
        "infinity" or "inf" or "+inf" => "Infinity",
        "-infinity" or "-inf" => "-Infinity",
        _ => null,
    };
}
