namespace FullPipeline;

/// <summary>Statements of a script, parted at semicolons outside of strings, quoted names and comments.</summary>
internal static class SqlScript
{
    public static IEnumerable<string> Statements(string script)
    {
        var start = 0;
        var hasText = false;
        for (var i = 0; i < script.Length; i++)
        {
            var end = EndOfComment(script, i);
            if (end > i)
            {
                i = end - 1;
            }
            else if (script[i] is '\'' or '"' or '`')
            {
                i = EndOfQuoted(script, i) - 1;
                hasText = true;
            }
            else if (script[i] == ';')
            {
                if (hasText) yield return script[start..i].Trim();
                (start, hasText) = (i + 1, false);
            }
            else if (!char.IsWhiteSpace(script[i]))
            {
                hasText = true;
            }
        }

        if (hasText) yield return script[start..].Trim();
    }

    private static int EndOfComment(string text, int at)
    {
        var (open, close) = text.AsSpan(at) switch
        {
            ['-', '-', ..] => (2, "\n"),
            ['/', '*', ..] => (2, "*/"),
            _ => (0, ""),
        };
        if (open == 0) return at;
        var end = text.IndexOf(close, at + open, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + close.Length;
    }

    // A doubled quote reads as two quoted parts side by side, which ends at the same place.
    private static int EndOfQuoted(string text, int at)
    {
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == text[at]) return i + 1;
        }

        throw new SampleException($"The SQL script has a quote without its end at character {at}.");
    }
}
