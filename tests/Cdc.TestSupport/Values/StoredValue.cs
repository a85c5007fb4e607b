using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cdc.TestSupport.Values;

/// <summary>Reads a value back from ClickHouse as text and brings it into the normal form.</summary>
public static partial class StoredValue
{
    /// <summary>The SQL that reads a column as text: strings as hex, so that no byte is lost on the way.</summary>
    /// <param name="type">The column's ClickHouse type.</param>
    /// <param name="expression">The column, quoted.</param>
    public static string Select(string type, string expression)
    {
        type = Unwrap(type);
        if (Inside(type, "Array") is { } element) return $"arrayMap(e -> {Select(element, "e")}, {expression})";
        if (type.StartsWith("Tuple(", StringComparison.Ordinal)) return $"[toString(tupleElement({expression}, 1)), toString(tupleElement({expression}, 2))]";
        return type == "String" ? $"hex({expression})" : $"toString({expression})";
    }

    /// <summary>The normal form of what <see cref="Select"/> gave.</summary>
    /// <param name="pgType">The column's type at the source: what a String column holds.</param>
    /// <param name="type">The column's ClickHouse type.</param>
    /// <param name="raw">The JSON that came back.</param>
    public static string? Normalize(PgType pgType, string type, JsonElement raw)
    {
        if (raw.ValueKind == JsonValueKind.Null) return null;
        type = Unwrap(type);
        if (Inside(type, "Array") is { } element) return NormalForm.List(raw.EnumerateArray().Select(e => Normalize(pgType.Element, element, e)));
        if (type.StartsWith("Tuple(", StringComparison.Ordinal)) return Expectation.Point(Coordinate(raw[0]), Coordinate(raw[1]));
        var text = raw.GetString()!;
        return type.Split('(')[0] switch
        {
            "String" => OfString(pgType, text),
            "Decimal" or "Decimal32" or "Decimal64" or "Decimal128" or "Decimal256" => NormalForm.Decimal(text),
            "Float64" => NormalForm.Double(text),
            "Float32" => NormalForm.Single(text),
            "DateTime64" or "Time64" or "Date32" => NormalForm.Time(text),
            _ => text,
        };
    }

    /// <summary>A type without <c>Nullable</c> and <c>LowCardinality</c>.</summary>
    public static string Unwrap(string type)
    {
        while ((Inside(type, "Nullable") ?? Inside(type, "LowCardinality")) is { } inner) type = inner;
        return type;
    }

    private static string? Inside(string type, string wrapper) => type.StartsWith(wrapper + "(", StringComparison.Ordinal) ? type[(wrapper.Length + 1)..^1] : null;

    private static string? Coordinate(JsonElement raw) => raw.ValueKind == JsonValueKind.Null ? null : NormalForm.Double(raw.GetString()!);

    private static string OfString(PgType pgType, string hex)
    {
        switch (pgType.Name)
        {
            case "bytea": return hex.ToLowerInvariant();
            case "bit" or "bit varying": return NormalForm.TrimBits(hex.ToLowerInvariant());
        }

        var text = Encoding.UTF8.GetString(Convert.FromHexString(hex));
        return pgType.Name switch
        {
            "numeric" or "money" => IsDecimal().IsMatch(text) ? NormalForm.Decimal(text) : text,
            "hstore" => NormalForm.MapFromJson(text),
            "time with time zone" => NormalForm.ZonedTime(text),
            "line" or "lseg" or "box" or "path" or "polygon" or "circle" => Geometric(text),
            _ => text,
        };
    }

    // Sent as the text of the driver's own object, in hex where bytes are sent so: {1.0,2.0,3.0}.
    private static string Geometric(string text)
    {
        if (IsHex().IsMatch(text)) text = Encoding.UTF8.GetString(Convert.FromHexString(text));
        return WholeNumber().Replace(text, "");
    }

    [GeneratedRegex(@"^-?\d+(\.\d+)?([eE][-+]?\d+)?$|^(NAN|NaN|-?Infinity|(POSITIVE|NEGATIVE)_INFINITY)$")]
    private static partial Regex IsDecimal();

    [GeneratedRegex("^([0-9a-f]{2})+$")]
    private static partial Regex IsHex();

    [GeneratedRegex(@"\.0(?!\d)")]
    private static partial Regex WholeNumber();
}
