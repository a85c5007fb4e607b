using System.Globalization;
using System.Text.Json;
using Cdc.TestSupport.Values;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>What Debezium loses of a value, by name: each is told by the value that Cdc.Postgres gave, so that nothing else can hide behind it.</summary>
internal static class Loss
{
    /// <summary>All of them, as tests/README.md lists them.</summary>
    public static readonly string[] Known =
    [
        "NaN and the infinities of numeric are NULL",
        "REPLICA IDENTITY USING INDEX: a change of the index's columns deletes a row of a made-up key",
        "a day before 1582-10-15 is shifted to the Julian calendar",
        "a generated column is in the snapshot and not in the stream",
        "a name is NULL in the stream",
        "a year BC is another day",
        "both halves of a change of key have one version",
        "inner arrays are NULL",
        "line, lseg, box, path, polygon, circle, interval[] are not sent",
        "microseconds of a time in an array",
        "money passes through a double",
        "rows of partitions come as rows of their root too, in the snapshot only",
        "the digits of a timestamptz",
        "the first transaction has no commit position",
        "the order of an hstore's pairs",
        "the row before a change of key",
        "zeros at the end of a numeric in an array",
    ];

    private static readonly string[] UnknownTypes = ["line", "lseg", "box", "path", "polygon", "circle", "interval[]"];
    private static readonly DateTime GregorianCalendar = new(1582, 10, 15, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Names the loss.</summary>
    /// <param name="type">The column's type at the source.</param>
    /// <param name="ours">What Cdc.Postgres gave, as text, or the state as in <c>&lt;Null&gt;</c>.</param>
    /// <param name="theirs">What Debezium gave.</param>
    /// <param name="isSnapshot">Whether a snapshot read the row.</param>
    /// <returns>Null where it is none.</returns>
    public static string? Of(SourceType type, string ours, string theirs, bool isSnapshot)
    {
        if (theirs == "<Absent>" && UnknownTypes.Contains(type.Name)) return "line, lseg, box, path, polygon, circle, interval[] are not sent";
        if (theirs == "<Null>" && type.Name == "name" && !isSnapshot) return "a name is NULL in the stream";
        if (ours is "<Absent>" or "<Null>" or "<Unavailable>") return null;
        return type.Kind switch
        {
            ValueKind.Decimal or ValueKind.Number when theirs == "<Null>" && !char.IsAsciiDigit(ours[^1]) => "NaN and the infinities of numeric are NULL",
            ValueKind.Decimal when type.Name == "money" && NormalForm.Decimal(NormalForm.Double(ours)) == NormalForm.Decimal(theirs) => "money passes through a double",
            ValueKind.Map when theirs[0] == '{' && NormalForm.MapFromJson(ours) == NormalForm.MapFromJson(theirs) => "the order of an hstore's pairs",
            ValueKind.Date or ValueKind.Timestamp or ValueKind.ZonedTimestamp => OfDate(ours),
            ValueKind.Array => OfArray(type, ours, theirs),
            _ => null,
        };
    }

    /// <summary>Names the loss of a column's type, told by the types of both targets.</summary>
    public static string? OfColumn(SourceType? type, string? ours, string? theirs) => (type?.Kind, ours, theirs) switch
    {
        (not null, not null, null) when UnknownTypes.Contains(type.Name) => "line, lseg, box, path, polygon, circle, interval[] are not sent",
        (ValueKind.ZonedTimestamp, _, _) when ours?.Replace("DateTime64(3", "DateTime64(6", StringComparison.Ordinal) == theirs => "the digits of a timestamptz",
        (null, null, not null) => "a generated column is in the snapshot and not in the stream",
        _ => null,
    };

    private static string? OfDate(string ours)
    {
        if (ours.StartsWith('-') && ours != "-infinity") return "a year BC is another day";
        if (!char.IsAsciiDigit(ours[0])) return null;
        var day = DateTime.Parse(ours, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
        return day < GregorianCalendar ? "a day before 1582-10-15 is shifted to the Julian calendar" : null;
    }

    private static string? OfArray(SourceType type, string ours, string theirs)
    {
        if (ours[0] != '[' || theirs[0] != '[') return null;
        if (ours.StartsWith("[[", StringComparison.Ordinal) && theirs.All(c => "[null],".Contains(c))) return "inner arrays are NULL";
        var mine = Elements(ours);
        var others = Elements(theirs);
        if (mine.Length != others.Length) return null;
        return type.Element!.Kind switch
        {
            ValueKind.Time when mine.Zip(others).All(e => NormalForm.ToMilliseconds(NormalForm.Time(e.First)) == NormalForm.Time(e.Second)) => "microseconds of a time in an array",
            ValueKind.Number when mine.Zip(others).All(e => e.First == e.Second || NormalForm.Decimal(e.First) == NormalForm.Decimal(e.Second)) => "zeros at the end of a numeric in an array",
            _ => null,
        };
    }

    private static string[] Elements(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())];
    }
}
