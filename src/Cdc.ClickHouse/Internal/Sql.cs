using System.Text;

namespace Cdc.ClickHouse.Internal;

/// <summary>Quotes names and comments. Values never become SQL text.</summary>
internal static class Sql
{
    /// <summary>A name between backticks, whatever it holds.</summary>
    public static string Name(string name) => Quote(name, '`');

    public static string Name(string database, string table) => $"{Name(database)}.{Name(table)}";

    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>A text of ours (a comment) between quotes.</summary>
    public static string Text(string text) => Quote(text, '\'');

    private static string Quote(string text, char quote)
    {
        var quoted = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var c in text)
        {
            if (c == '\\' || c == quote) quoted.Append('\\');
            switch (c)
            {
                case '\n': quoted.Append("\\n"); break;
                case '\r': quoted.Append("\\r"); break;
                case '\t': quoted.Append("\\t"); break;
                case '\0': quoted.Append("\\0"); break;
                default: quoted.Append(c); break;
            }
        }

        return quoted.Append(quote).ToString();
    }
}
