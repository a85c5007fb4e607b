using System.Globalization;

namespace FullPipeline;

/// <summary>ClickHouse's text of a value, for people; and its share of the greatest, for a bar.</summary>
internal static class Show
{
    private const string Nothing = "–";

    public static string Value(string? text, Format format)
    {
        if (text is null) return Nothing;
        if (format is Format.Text or Format.Year) return text;
        var number = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return Minus(format switch
        {
            Format.Count => number.ToString("N0", CultureInfo.InvariantCulture),
            Format.Percent => $"{number.ToString("+#,0.0;-#,0.0;0.0", CultureInfo.InvariantCulture)} %",
            _ => number.ToString("N2", CultureInfo.InvariantCulture),
        });
    }

    public static string Value(long? number) => number is { } known ? known.ToString("N0", CultureInfo.InvariantCulture) : Nothing;

    /// <summary>How many hundredths of the greatest value each value is; a negative one is 0.</summary>
    public static decimal[] Shares(IReadOnlyList<string?> texts)
    {
        var numbers = texts.Select(t => t is null ? 0 : Math.Max(0, decimal.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture))).ToArray();
        var greatest = numbers.DefaultIfEmpty().Max();
        return [.. numbers.Select(n => greatest == 0 ? 0 : Math.Round(100 * n / greatest, 1))];
    }

    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Minus(string number) => number.Replace('-', '−');
}
