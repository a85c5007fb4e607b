using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Json;

/// <summary>Says where in a message a byte stands: for errors only.</summary>
internal static class JsonPath
{
    /// <summary>The path of the innermost value that holds a byte, as far as the message can be read.</summary>
    public static string At(ReadOnlySpan<byte> json, int position)
    {
        if (position < 0) return "$";
        var names = new List<string>();
        var counts = new List<int>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            while (reader.Read() && reader.TokenStartIndex < position)
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        Count(counts);
                        names.Add("");
                        counts.Add(reader.TokenType == JsonTokenType.StartArray ? 0 : -1);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        names.RemoveAt(names.Count - 1);
                        counts.RemoveAt(counts.Count - 1);
                        break;
                    case JsonTokenType.PropertyName:
                        names[^1] = $".{reader.GetString()}";
                        break;
                    default:
                        Count(counts);
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The broken place itself: what was read so far is the answer.
        }

        var path = new StringBuilder("$");
        for (var i = 0; i < names.Count && path.Length < 200; i++) path.Append(counts[i] < 0 ? names[i] : string.Create(CultureInfo.InvariantCulture, $"[{counts[i]}]"));
        return path.ToString();
    }

    private static void Count(List<int> counts)
    {
        if (counts.Count > 0 && counts[^1] >= 0) counts[^1]++;
    }
}
