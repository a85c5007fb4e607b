using System.Globalization;
using System.Text.RegularExpressions;

namespace Cdc.TestSupport.Values;

/// <summary>
/// What ClickHouse must hold for a value of the source, computed from the type, PostgreSQL's text and the connector's modes:
/// the type table of the design, and what the corpus' README says that Debezium loses.
/// </summary>
public static partial class Expectation
{
    /// <summary>Computes it.</summary>
    /// <param name="type">The column's type at the source.</param>
    /// <param name="text">PostgreSQL's text, null for NULL.</param>
    /// <param name="mode">How the connector sends.</param>
    /// <param name="lastOperation">The operation of the row's last message: <c>r</c>, <c>c</c> or <c>u</c>.</param>
    public static Expected Of(PgType type, string? text, FeedMode mode, string lastOperation)
    {
        if (text is null)
        {
            if (type.IsArray) return new Expected.Noted("a NULL array is empty", "[]");
            return new Expected.Value(type.Name == "point" ? Point(null, null) : null);
        }

        if (type.IsArray) return OfArray(type, text, mode, lastOperation);
        switch (type.Name)
        {
            case "boolean":
                return new Expected.Value(text is "t" or "true" ? "true" : "false");
            case "numeric":
                return OfNumeric(type, text, mode);
            case "money":
                return OfMoney(text, mode);
            case "real":
                return new Expected.Value(NormalForm.Single(text));
            case "double precision":
                return new Expected.Value(NormalForm.Double(text));
            case "character":
                return new Expected.Value(Pad(text, type.First));
            case "name" when lastOperation != "r" && !mode.SendsUnknownTypes:
                return new Expected.Lost("a name is null in the stream", [null]);
            case "inet":
                return new Expected.Value(HostMask().Replace(text, ""));
            case "uuid":
                return new Expected.Value(text.ToLowerInvariant());
            case "hstore":
                return new Expected.Value(NormalForm.Map(PgText.Hstore(text)));
            case "bytea":
                var hex = text[2..].ToLowerInvariant();
                // Nothing tells an unchanged TOAST value of this mode from NULL.
                return mode.Binary == "base64" && lastOperation == "u" ? new Expected.Lost("unchanged bytea in base64 mode", hex, null) : new Expected.Value(hex);
            case "bit" when type.First == 1:
                return new Expected.Value(text == "1" ? "true" : "false");
            case "bit" or "bit varying":
                return new Expected.Value(NormalForm.Bits(text));
            case "date" or "timestamp without time zone" or "timestamp with time zone":
                if (PgTime.Refusal(text) is { } reason) return new Expected.Refused(reason);
                return new Expected.Value(Timestamp(type, text, mode));
            case "time without time zone":
                return OfTime(text, mode);
            case "time with time zone":
                return new Expected.Value(PgTime.ZonedTimeInUtc(text));
            case "interval":
                return new Expected.Value(mode.Intervals == "string" ? PgTime.IntervalIso(text) : PgTime.IntervalMicroseconds(text).ToString(CultureInfo.InvariantCulture));
            case "point":
                var coordinates = text.Trim('(', ')').Split(',');
                return new Expected.Value(Point(NormalForm.Double(coordinates[0]), NormalForm.Double(coordinates[1])));
            default:
                return new Expected.Value(text);
        }
    }

    internal static string Point(string? x, string? y) => $"({x ?? "NULL"},{y ?? "NULL"})";

    private static Expected OfArray(PgType type, string text, FeedMode mode, string lastOperation)
    {
        var elements = PgText.Array(text);
        if (elements.Any(e => e is ['{', ..]) && type.Name is not ("json" or "jsonb"))
        {
            return new Expected.Lost("inner arrays are sent as null", NormalForm.List(elements.Select(_ => (string?)null)));
        }

        var normal = new List<string?>(elements.Count);
        foreach (var element in elements)
        {
            var expected = element is null ? new Expected.Value(null) : Of(type.Element, element, mode, lastOperation);
            switch (expected)
            {
                case Expected.Value value:
                    normal.Add(type.Name == "time without time zone" ? NormalForm.ToMilliseconds(value.Normal!) : value.Normal);
                    break;
                case Expected.Refused:
                    return expected;
                default:
                    throw new NotSupportedException($"An element of {type.Name}[] is one that Debezium loses: say what the array becomes.");
            }
        }

        return new Expected.Value(NormalForm.List(normal));
    }

    private static Expected OfNumeric(PgType type, string text, FeedMode mode)
    {
        var isFinite = char.IsAsciiDigit(text[^1]);
        if (isFinite) return new Expected.Value(mode.Decimals == "double" ? NormalForm.Double(text) : NormalForm.Decimal(text));
        return mode.Decimals switch
        {
            "precise" => new Expected.Lost("NaN and the infinities are null in precise mode", [null]),
            "double" => new Expected.Value(NormalForm.Double(text)),
            // With a schema the field is a string and so is the column; without one, the source's type makes it a Decimal.
            _ when mode.HasSchema || type.First < 0 => new Expected.Value(NormalForm.Decimal(text)),
            _ => new Expected.Refused(text == "NaN" ? RefusalReason.NotANumber : RefusalReason.Infinity),
        };
    }

    private static Expected OfMoney(string text, FeedMode mode)
    {
        var exact = NormalForm.Decimal(text.Replace("$", "").Replace(",", ""));
        if (mode.Decimals == "double") return new Expected.Value(NormalForm.Double(exact));
        var rounded = NormalForm.Decimal(NormalForm.Double(exact));
        return rounded == exact ? new Expected.Value(exact) : new Expected.Lost("money passes through a double", exact, rounded);
    }

    private static string Timestamp(PgType type, string text, FeedMode mode)
    {
        var normal = NormalForm.Time(PgTime.WithoutUtcOffset(text));
        return mode.Times == "connect" && type.Name == "timestamp without time zone" ? NormalForm.ToMilliseconds(normal) : normal;
    }

    private static Expected OfTime(string text, FeedMode mode)
    {
        var normal = NormalForm.Time(text);
        if (mode.Times == "isostring" && normal == "24:00:00") return new Expected.Lost("24:00 is 00:00 in ISO text", "00:00:00");
        return new Expected.Value(mode.Times == "connect" ? NormalForm.ToMilliseconds(normal) : normal);
    }

    private static string Pad(string text, int length) => text.PadRight(length - text.EnumerateRunes().Count() + text.Length);

    [GeneratedRegex(@"(?<=^[\d.]+)/32$|(?<=:.*)/128$")]
    private static partial Regex HostMask();
}
