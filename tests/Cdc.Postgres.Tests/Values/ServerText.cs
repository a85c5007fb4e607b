using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cdc.TestSupport.Values;

namespace Cdc.Postgres.Tests.Values;

/// <summary>The server's own text of a value as the text that an event gives it, by code that shares nothing with the library.</summary>
internal static partial class ServerText
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The expected text; arrays, maps and points as <see cref="Normal"/> gives it.</summary>
    public static string Of(string type, string text)
    {
        if (type.EndsWith("[]", StringComparison.Ordinal) && type != "box[]") return Normal(Array(type[..^2], Bounds().Replace(text, "")));
        var name = Modifiers().Replace(type, "");
        var digits = Modifiers().Match(type) is { Success: true } m ? int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;
        return name switch
        {
            "bool" => text == "t" ? "true" : "false",
            "bit" or "varbit" when digits == 1 || type == "bit" => text == "1" ? "true" : "false",
            "bit" or "varbit" => Convert.ToBase64String(Convert.FromHexString(NormalForm.Bits(text))),
            "float4" => float.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            "float8" => double.Parse(text, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            "money" => text.Replace("$", "").Replace(",", ""),
            "bytea" => Convert.ToBase64String(Convert.FromHexString(text[2..])),
            "date" => Day(text),
            "time" => Fraction(text, 0),
            "timetz" => Utc(text),
            "timestamp" or "timestamptz" => Timestamp(text, digits < 0 ? 6 : digits, name == "timestamptz" ? "Z" : ""),
            "interval" => PgTime.IntervalMicroseconds(text).ToString(CultureInfo.InvariantCulture),
            "point" => Normal(Point(text)),
            "hstore" => Normal(Map(text)),
            _ => text,
        };
    }

    /// <summary>JSON without what its writer is free to choose: numbers keep their digits.</summary>
    public static string Normal(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Normal(document.RootElement);
    }

    private static string Normal(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Normal))}]",
        JsonValueKind.Object => $"{{{string.Join(',', json.EnumerateObject().Select(p => $"{JsonSerializer.Serialize(p.Name)}:{Normal(p.Value)}"))}}}",
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString(), Relaxed),
        _ => json.GetRawText(),
    };

    private static string Array(string element, string text) => $"[{string.Join(',', PgText.Array(text).Select(item => item is null ? "null" : item.StartsWith('{') && element is not ("json" or "jsonb") && text.StartsWith("{{", StringComparison.Ordinal) ? Array(element, item) : Item(element, item)))}]";

    private static string Item(string element, string item)
    {
        var text = Of(element, item);
        var isJson = Modifiers().Replace(element, "") is "bool" or "int2" or "int4" or "int8" or "interval" or "hstore" or "point" or "vals.posint" or "bit"
            || (Modifiers().Replace(element, "") is "float4" or "float8" or "numeric" or "money" && char.IsAsciiDigit(text[^1]));
        return isJson && !(element.StartsWith("bit(", StringComparison.Ordinal)) ? text : JsonSerializer.Serialize(text, Relaxed);
    }

    private static string Day(string text)
    {
        if (text is "infinity" or "-infinity") return text;
        if (!text.EndsWith(" BC", StringComparison.Ordinal)) return text.IndexOf('-') > 4 ? $"+{text}" : text; // as ISO 8601 writes years of more digits
        var year = 1 - int.Parse(text.AsSpan(0, text.IndexOf('-')), CultureInfo.InvariantCulture);
        return $"{(year < 0 ? "-" : "")}{-year:D4}{text[text.IndexOf('-')..^3]}";
    }

    private static string Timestamp(string text, int digits, string zone)
    {
        if (text is "infinity" or "-infinity") return text;
        var era = text.EndsWith(" BC", StringComparison.Ordinal) ? " BC" : "";
        text = text[..^era.Length];
        if (zone.Length > 0) text = text[..^3];
        var blank = text.IndexOf(' ');
        return $"{Day(text[..blank] + era)}T{Fraction(text[(blank + 1)..], digits)}{zone}";
    }

    private static string Fraction(string time, int digits)
    {
        var parts = time.Split('.');
        var fraction = (parts.Length > 1 ? parts[1] : "").TrimEnd('0').PadRight(digits, '0');
        return fraction.Length == 0 ? parts[0] : $"{parts[0]}.{fraction}";
    }

    private static string Utc(string text)
    {
        var sign = text.LastIndexOfAny(['+', '-']);
        var offset = text[(sign + 1)..].Split(':').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).Concat([0, 0]).Take(3).ToArray();
        if (text.StartsWith("24:", StringComparison.Ordinal) && offset.All(o => o == 0)) return "24:00:00Z";
        var local = TimeSpan.Zero + TimeSpan.FromHours(int.Parse(text[..2], CultureInfo.InvariantCulture)) + TimeSpan.Parse($"00:{text[3..sign]}", CultureInfo.InvariantCulture);
        var east = new TimeSpan(offset[0], offset[1], offset[2]);
        var utc = local - (text[sign] == '-' ? -east : east);
        var day = new TimeSpan(((utc.Ticks % TimeSpan.TicksPerDay) + TimeSpan.TicksPerDay) % TimeSpan.TicksPerDay);
        return Fraction(day.ToString(@"hh\:mm\:ss\.ffffff", CultureInfo.InvariantCulture), 0) + "Z";
    }

    private static string Point(string text)
    {
        var numbers = text.Trim('(', ')').Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).Select(n => double.IsFinite(n) ? n.ToString(CultureInfo.InvariantCulture) : $"\"{(double.IsNaN(n) ? "NaN" : n > 0 ? "Infinity" : "-Infinity")}\"").ToArray();
        return $"{{\"x\":{numbers[0]},\"y\":{numbers[1]}}}";
    }

    // In the order of the text.
    private static string Map(string text) =>
        $"{{{string.Join(',', Pair().Matches(text).Select(p => $"{Json(p.Groups[1].Value)}:{(p.Groups[2].Success ? Json(p.Groups[2].Value) : "null")}"))}}}";

    private static string Json(string quoted) => JsonSerializer.Serialize(Escaped().Replace(quoted, "$1"), Relaxed);

    [GeneratedRegex(@"\((\d+)(,-?\d+)?\)")]
    private static partial Regex Modifiers();

    [GeneratedRegex(@"^(\[-?\d+:-?\d+\])+=")]
    private static partial Regex Bounds();

    [GeneratedRegex("""
        "((?:[^"\\]|\\.)*)"=>(?:NULL|"((?:[^"\\]|\\.)*)")
        """, RegexOptions.Singleline)]
    private static partial Regex Pair();

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex Escaped();
}
