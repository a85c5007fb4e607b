using System.Globalization;
using System.Text.RegularExpressions;

namespace Cdc.TestSupport.Values;

/// <summary>A PostgreSQL type as <c>format_type</c> writes it, with domains replaced by what they stand for.</summary>
/// <param name="Name">The type without modifiers: <c>numeric</c>, <c>timestamp with time zone</c>, <c>character</c>.</param>
/// <param name="First">The first modifier (precision, length or digits of a second), or −1.</param>
/// <param name="Second">The second modifier (scale), or 0.</param>
/// <param name="IsArray">Whether it is an array of that type.</param>
public sealed partial record PgType(string Name, int First, int Second, bool IsArray)
{
    // The domains and enumerations of tests/corpus/sql: the truth names them, and only the source knows what they are.
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["types.posint"] = "integer",
        ["types.price"] = "numeric(10,2)",
        ["types.mood"] = "enum",
    };

    /// <summary>Digits of a second that a time or timestamp holds.</summary>
    public int SecondDigits => First < 0 ? 6 : First;

    /// <summary>The type of an array's elements.</summary>
    public PgType Element => this with { IsArray = false };

    /// <summary>Reads a type.</summary>
    public static PgType Parse(string text)
    {
        var isArray = text.EndsWith("[]", StringComparison.Ordinal);
        if (isArray) text = text[..^2];
        if (Named.TryGetValue(text, out var named)) text = named;
        var match = Modifiers().Match(text);
        if (!match.Success) return new PgType(text, -1, 0, isArray);
        var name = text.Remove(match.Index, match.Length);
        return new PgType(name, Number(match.Groups[1]), match.Groups[2].Success ? Number(match.Groups[2]) : 0, isArray);
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\((-?\d+)(?:,(-?\d+))?\)")]
    private static partial Regex Modifiers();
}
