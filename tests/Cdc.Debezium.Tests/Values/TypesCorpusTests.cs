using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cdc.Debezium.Tests.Values;

public sealed partial class TypesCorpusTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("strings")]
    [InlineData("full")]
    public void Every_value_of_the_types_tables_is_what_the_source_says_or_what_Debezium_is_known_to_lose(string configuration)
    {
        Assert.SkipWhen(TypesCorpus.Folder is null, "The corpus is not beside the checkout: set CDC_CORPUS to its folder.");
        var sent = TypesCorpus.Sent(configuration);
        var listed = TypesCorpus.Listed();
        var failures = new List<string>();
        var compared = 0;
        foreach (var value in TypesCorpus.Source())
        {
            listed.Remove((value.Table, value.Id, value.Column));
            if (!sent.TryGetValue((value.Table, value.Id), out var row) || !row.TryGetValue(value.Column, out var json)) continue;
            var problem = Check(value, json, configuration);
            if (problem is not null) failures.Add($"{value.Table} {value.Id} {value.Column} {value.Type} [{value.Text}] sent {json[..Math.Min(json.Length, 80)]}: {problem}");
            compared++;
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Empty(listed);
        Assert.True(compared > 1_000, $"only {compared} values were there to compare");
    }

    private static string? Check(SourceValue value, string json, string configuration)
    {
        var cell = new OneCell(PostgresTypes.Of(value.Type, configuration), json);
        if (cell.Cell.State == CellState.Null) return value.Text is null || LostAsNull(value, configuration) ? null : "null";
        if (value.Text is null) return "a value where NULL is";
        var text = cell.Text;
        if (value.Type == "interval") return Interval(text) == SourceInterval(value.Text, configuration) ? null : text;
        if (value.Type == "hstore") return SameMap(value.Text, text) ? null : text;
        if (LostInSilence(value)) return null;
        var expected = PostgresText.Canonical(value.Type, value.Text, configuration);
        return text != expected ? $"{text} is not {expected}" : CheckNumber(value, cell, configuration);
    }

    private static string? CheckNumber(SourceValue value, OneCell cell, string configuration)
    {
        if (!value.Type.StartsWith("numeric", StringComparison.Ordinal) || value.Type.EndsWith("[]", StringComparison.Ordinal)) return null;
        if (!char.IsAsciiDigit(value.Text![^1]))
        {
            var refused = Assert.Throws<ValueRefusedException>(() => cell.Decimal(0));
            return refused.Reason == (value.Text == "NaN" ? RefusalReason.NotANumber : RefusalReason.Infinity) ? null : $"{configuration}: refused as {refused.Reason}";
        }

        var scale = value.Text.Contains('.', StringComparison.Ordinal) ? value.Text.Length - value.Text.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        var expected = BigInteger.Parse(value.Text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var unscaled = cell.Decimal(scale);
        return unscaled == expected ? null : $"{configuration}: unscaled {unscaled}";
    }

    // corpus/README.md: NaN and infinite numerics in precise mode, columns of type name in the stream.
    private static bool LostAsNull(SourceValue value, string configuration) =>
        (value.Type.StartsWith("numeric", StringComparison.Ordinal) && configuration == "plain" && !char.IsAsciiDigit(value.Text![^1])) || (value.Type == "name" && !value.IsSnapshot);

    // corpus/README.md: in snapshots, dates before 1582 pass through the Julian calendar and large amounts of money through a double.
    private static bool LostInSilence(SourceValue value)
    {
        if (!value.IsSnapshot) return false;
        if (value.Type == "money") return value.Text!.Length > 20;
        if (!value.Type.StartsWith("date", StringComparison.Ordinal) && !value.Type.StartsWith("timestamp", StringComparison.Ordinal)) return false;
        return value.Text!.EndsWith("BC", StringComparison.Ordinal) || (value.Text.Length >= 10 && string.CompareOrdinal(value.Text[..10], "1582-10-15") < 0 && char.IsAsciiDigit(value.Text[0]));
    }

    private static (decimal Months, decimal Days, decimal Microseconds) Interval(string text)
    {
        if (!text.StartsWith('P')) return (0, 0, decimal.Parse(text, CultureInfo.InvariantCulture));
        var parts = IsoInterval().Match(text);
        Assert.True(parts.Success, text);
        return ((Part(1) * 12) + Part(2), Part(3), (Part(4) * 3_600_000_000) + (Part(5) * 60_000_000) + (Part(6) * 1_000_000));

        decimal Part(int group) => decimal.Parse(parts.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private static (decimal Months, decimal Days, decimal Microseconds) SourceInterval(string text, string configuration)
    {
        decimal months = 0, days = 0, microseconds = 0;
        foreach (Match part in PostgresInterval().Matches(text))
        {
            if (part.Groups["unit"].Success)
            {
                var number = decimal.Parse(part.Groups["number"].Value, CultureInfo.InvariantCulture);
                if (part.Groups["unit"].Value == "year") months += 12 * number;
                else if (part.Groups["unit"].Value == "mon") months += number;
                else days += number;
                continue;
            }

            var time = part.Groups["time"].Value.TrimStart('-').Split(':').Select(p => decimal.Parse(p, CultureInfo.InvariantCulture)).ToArray();
            var size = ((time[0] * 3_600) + (time[1] * 60) + time[2]) * 1_000_000;
            microseconds += part.Groups["time"].Value[0] == '-' ? -size : size;
        }

        return configuration == "plain" ? (0, 0, (((months * 30.4375m) + days) * 86_400_000_000) + microseconds) : (months, days, microseconds);
    }

    private static bool SameMap(string source, string text)
    {
        var sent = JsonDocument.Parse(text).RootElement.EnumerateObject().Select(p => (p.Name, p.Value.GetString())).Order();
        var pairs = HstorePair().Matches(source).Select(m => (Regex.Unescape(m.Groups[1].Value), m.Groups[2].Success ? Regex.Unescape(m.Groups[2].Value) : null)).Order();
        return sent.SequenceEqual(pairs);
    }

    [GeneratedRegex(@"^P(-?\d+)Y(-?\d+)M(-?\d+)DT(-?\d+)H(-?\d+)M(-?[\d.]+)S$")]
    private static partial Regex IsoInterval();

    [GeneratedRegex(@"(?<number>[+-]?\d+) (?<unit>year|mon|day)s?|(?<time>-?\d+:\d+:[\d.]+)")]
    private static partial Regex PostgresInterval();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"=>(?:\"((?:[^\"\\\\]|\\\\.)*)\"|NULL)")]
    private static partial Regex HstorePair();
}
