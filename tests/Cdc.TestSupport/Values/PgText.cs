using System.Text;

namespace Cdc.TestSupport.Values;

/// <summary>PostgreSQL's text forms of compound values.</summary>
public static class PgText
{
    /// <summary>The elements of an array's text: null for NULL; an inner array is its own text.</summary>
    /// <param name="text"><c>{a,NULL,"c,d"}</c>.</param>
    public static IReadOnlyList<string?> Array(string text)
    {
        var elements = new List<string?>();
        var at = 1;
        while (text[at] != '}')
        {
            if (text[at] == ',') at++;
            elements.Add(text[at] == '"' ? Quoted(text, ref at) : Bare(text, ref at));
        }

        return elements;
    }

    /// <summary>The pairs of an hstore's text, sorted by key.</summary>
    /// <param name="text"><c>"a"=>"1", "b"=>NULL</c>.</param>
    public static SortedDictionary<string, string?> Hstore(string text)
    {
        var pairs = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var at = 0;
        while (at < text.Length)
        {
            var key = Quoted(text, ref at);
            at += 2;
            if (text[at] == '"')
            {
                pairs[key] = Quoted(text, ref at);
            }
            else
            {
                pairs[key] = null;
                at += 4;
            }

            if (at < text.Length) at += 2;
        }

        return pairs;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; text[at] != '"'; at++)
        {
            if (text[at] == '\\') at++;
            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    private static string? Bare(string text, ref int at)
    {
        var start = at;
        var depth = 0;
        for (; depth > 0 || text[at] is not (',' or '}'); at++)
        {
            if (text[at] == '"')
            {
                Quoted(text, ref at);
                at--;
                continue;
            }

            depth += text[at] switch { '{' => 1, '}' => -1, _ => 0 };
        }

        var value = text[start..at];
        return value == "NULL" ? null : value;
    }
}
