using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cdc.Debezium.Tests.Values;

/// <summary>PostgreSQL's own text of a value as the text that this library gives it, by code that shares nothing with the library.</summary>
internal static partial class PostgresText
{
    /// <summary>The expected text.</summary>
    /// <param name="type">The column's type at the source.</param>
    /// <param name="text">The source's text.</param>
    /// <param name="configuration">The corpus' configuration: what it loses is lost here too.</param>
    public static string Canonical(string type, string text, string configuration)
    {
        var (name, first, _) = PostgresTypes.Split(type);
        if (type.EndsWith("[]", StringComparison.Ordinal)) return Array(type[..^2], text, configuration);
        return name switch
        {
            "boolean" => text is "t" or "true" or "1" ? "true" : "false",
            "bit" when first == 1 => text == "1" ? "true" : "false",
            "bit" or "bit varying" => Convert.ToBase64String(Bits(text)),
            "real" => Special(text) ?? float.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            "double precision" => Special(text) ?? double.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            "numeric" when first < 0 && configuration == "plain" && text.Contains('.', StringComparison.Ordinal) => text.TrimEnd('0').TrimEnd('.'),
            "money" => text.Replace("$", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal),
            "bytea" => Convert.ToBase64String(Convert.FromHexString(text.AsSpan(2))),
            "character" => text + new string(' ', first - text.EnumerateRunes().Count()),
            "inet" => text.EndsWith(text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32", StringComparison.Ordinal) ? text[..text.LastIndexOf('/')] : text,
            "point" => Point(text),
            "line" or "lseg" or "box" or "path" or "polygon" or "circle" => WholeNumber().Replace(text, "$0.0"),
            "date" => Year(text, ""),
            "time without time zone" => Time(text, configuration),
            "timestamp without time zone" => Timestamp(text, first, configuration == "strings", ""),
            "timestamp with time zone" => Timestamp(text.Replace("+00", "", StringComparison.Ordinal), first, false, "Z"),
            "time with time zone" => UtcTime(text),
            _ => text,
        };
    }

    private static string? Special(string text) => text is "NaN" or "Infinity" or "-Infinity" ? text : null;

    private static byte[] Bits(string text)
    {
        var bytes = new byte[(text.Length + 7) / 8];
        for (var i = 0; i < text.Length; i++) bytes[i / 8] |= (byte)((text[^(i + 1)] - '0') << (i % 8));
        return bytes[..(System.Array.FindLastIndex(bytes, b => b != 0) + 1)];
    }

    private static string Point(string text)
    {
        var parts = text.Trim('(', ')').Split(',');
        return $"{{\"x\":{parts[0]},\"y\":{parts[1]}}}";
    }

    // 0044-03-15 BC is the year -43.
    private static string Year(string text, string rest)
    {
        if (text is "infinity" or "-infinity") return text;
        if (!text.EndsWith(" BC", StringComparison.Ordinal)) return text + rest;
        var year = 1 - int.Parse(text.AsSpan(0, 4), CultureInfo.InvariantCulture);
        return $"{(year < 0 ? "-" : "")}{-year:D4}{text[4..^3]}{rest}";
    }

    private static string Time(string text, string configuration)
    {
        // Debezium's ISO times wrap at midnight, its connect times end at milliseconds.
        if (configuration == "full") return text == "24:00:00" ? "00:00:00" : text;
        return configuration == "strings" && text.Length > 12 ? text[..12].TrimEnd('0').TrimEnd('.') : text;
    }

    private static string Timestamp(string text, int precision, bool milliseconds, string zone)
    {
        if (text is "infinity" or "-infinity") return text;
        var before = text.EndsWith(" BC", StringComparison.Ordinal) ? " BC" : "";
        var parts = text[..^before.Length].Split('.');
        var fraction = parts.Length > 1 ? parts[1] : "";
        if (milliseconds && fraction.Length > 3) fraction = fraction[..3].TrimEnd('0');
        if (precision > fraction.Length) fraction = fraction.PadRight(precision, '0');
        var date = Year(parts[0][..10] + before, "");
        return $"{date}T{parts[0][11..]}{(fraction.Length > 0 ? "." : "")}{fraction}{zone}";
    }

    private static string UtcTime(string text)
    {
        var sign = text.LastIndexOfAny(['+', '-']);
        var offset = text[(sign + 1)..].Split(':');
        var minutes = (int.Parse(offset[0], CultureInfo.InvariantCulture) * 60) + (offset.Length > 1 ? int.Parse(offset[1], CultureInfo.InvariantCulture) : 0);
        var local = TimeSpan.Parse(text.AsSpan(0, sign), CultureInfo.InvariantCulture);
        var utc = local - TimeSpan.FromMinutes(text[sign] == '-' ? -minutes : minutes);
        var day = new TimeSpan(((utc.Ticks % TimeSpan.TicksPerDay) + TimeSpan.TicksPerDay) % TimeSpan.TicksPerDay);
        return day.ToString(@"hh\:mm\:ss\.FFFFFF", CultureInfo.InvariantCulture).TrimEnd('.') + "Z";
    }

    private static string Array(string element, string text, string configuration)
    {
        if (text.StartsWith("{{", StringComparison.Ordinal)) return "[null,null]";
        var items = ArrayItem().Matches(text[1..^1]).Select(m => m.Value == "NULL" ? "null" : Item(m.Groups[1].Success ? Regex.Unescape(m.Groups[1].Value) : m.Value));
        return $"[{string.Join(',', items)}]";

        string Item(string item)
        {
            // Times in arrays end at milliseconds.
            var expected = Canonical(element, item, element == "time without time zone" ? "strings" : configuration);
            var bare = element is "boolean" or "smallint" or "integer" or "bigint" or "real" or "double precision" || element.StartsWith("numeric", StringComparison.Ordinal);
            return bare && Special(expected) is null ? expected : JsonSerializer.Serialize(expected, Relaxed);
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("""(?<![\d.])-?\d+(?![\d.])""")]
    private static partial Regex WholeNumber();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"|[^,{}]+")]
    private static partial Regex ArrayItem();
}
