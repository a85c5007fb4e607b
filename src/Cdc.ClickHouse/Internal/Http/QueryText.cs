using System.Text.Json;

namespace Cdc.ClickHouse.Internal.Http;

/// <summary>The text forms of parameters and small results.</summary>
internal static class QueryText
{
    /// <summary>A string as the value of a <c>{name:String}</c> parameter.</summary>
    public static string Parameter(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\0", "\\0", StringComparison.Ordinal);

    /// <summary>The rows of a result in JSONCompactStringsEachRow.</summary>
    public static List<string[]> Rows(ReadOnlySpan<byte> result)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var reader = new Utf8JsonReader(result, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String) row.Add(reader.GetString()!);
            if (reader.TokenType != JsonTokenType.EndArray) continue;
            rows.Add([.. row]);
            row.Clear();
        }

        return rows;
    }
}
