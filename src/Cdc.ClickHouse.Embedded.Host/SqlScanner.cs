using System.Text;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>Walks over the tokens of a statement: words, quoted text, comments, brackets.</summary>
internal ref struct SqlScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;

    public int Start { get; private set; }

    public int End { get; private set; }

    public int Depth { get; private set; }

    /// <summary>The current token if it is a bare word, else nothing.</summary>
    public ReadOnlySpan<byte> Word { get; private set; }

    public readonly bool WordIs(ReadOnlySpan<byte> upper) => Ascii.EqualsIgnoreCase(Word, upper);

    public bool Next()
    {
        SkipBlanks();
        Start = End;
        Word = default;
        if (End >= text.Length) return false;

        var c = text[End];
        if (c is (byte)'\'' or (byte)'"' or (byte)'`')
        {
            SkipQuoted(c);
        }
        else if (IsWord(c))
        {
            while (End < text.Length && IsWord(text[End])) End++;
            // "db.format" is a name, not the clause.
            if (Start == 0 || text[Start - 1] != '.') Word = text[Start..End];
        }
        else
        {
            if (c is (byte)'(' or (byte)'[' or (byte)'{') Depth++;
            if (c is (byte)')' or (byte)']' or (byte)'}') Depth--;
            End++;
        }

        return true;
    }

    /// <summary>When the current word is followed by ('…'): the call.</summary>
    public InputCall? StringArgument()
    {
        var start = Start;
        if (!Next() || text[Start] != '(' || !Next() || text[Start] != '\'') return null;
        var literal = Encoding.UTF8.GetString(text[(Start + 1)..(End - 1)]);
        if (!Next() || text[Start] != ')') return null;
        return new InputCall(start, End, literal.Replace("\\'", "'", StringComparison.Ordinal).Replace("''", "'", StringComparison.Ordinal));
    }

    private static bool IsWord(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or >= 0x80;

    private void SkipQuoted(byte quote)
    {
        End++;
        while (End < text.Length)
        {
            if (text[End] == '\\')
            {
                End++;
            }
            else if (text[End] == quote)
            {
                if (End + 1 >= text.Length || text[End + 1] != quote) break;
                End++;
            }

            End++;
        }

        End = Math.Min(End + 1, text.Length);
    }

    private void SkipBlanks()
    {
        while (End < text.Length)
        {
            var rest = text[End..];
            if (rest[0] <= ' ') End++;
            else if (rest.StartsWith("--"u8) || rest.StartsWith("# "u8) || rest.StartsWith("#!"u8)) Skip(rest, "\n"u8);
            else if (rest.StartsWith("/*"u8)) Skip(rest, "*/"u8);
            else return;
        }
    }

    private void Skip(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> until)
    {
        var at = rest.IndexOf(until);
        End = at < 0 ? text.Length : End + at + until.Length;
    }
}
