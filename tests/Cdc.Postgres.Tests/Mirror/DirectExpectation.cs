using Cdc.TestSupport;
using Cdc.TestSupport.Values;

namespace Cdc.Postgres.Tests.Mirror;

/// <summary>What ClickHouse must hold for a value of the source: as through Debezium, without what Debezium loses.</summary>
internal static class DirectExpectation
{
    private static readonly FeedMode Mode = new()
    {
        HasSchema = false, Decimals = "string", Times = "adaptive", Binary = "bytes", Intervals = "numeric", IsFlat = false, FlatDeletes = "", SendsUnknownTypes = true, SendsTruncates = true, TopicPrefix = "",
    };

    public static Expected Of(string typeName, string? text)
    {
        var type = PgType.Parse(typeName);
        if (text is null) return Expectation.Of(type, text, Mode, "r");
        if (type is { Name: "money", IsArray: false }) return new Expected.Value(NormalForm.Decimal(text.Replace("$", "").Replace(",", "")));
        if (!type.IsArray) return Expectation.Of(type, text, Mode, "r");
        var elements = PgText.Array(text);
        if (elements.Any(e => e is ['{', ..]) && type.Name is not ("json" or "jsonb")) return new Expected.Refused(RefusalReason.Type);
        var normal = new List<string?>();
        foreach (var element in elements)
        {
            var expected = element is null ? new Expected.Value(null) : Of(typeName[..^2], element);
            if (expected is not Expected.Value value) return expected;
            normal.Add(value.Normal);
        }

        return new Expected.Value(NormalForm.List(normal));
    }
}
