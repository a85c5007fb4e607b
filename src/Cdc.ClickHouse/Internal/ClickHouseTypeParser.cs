using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Cdc.ClickHouse.Internal;

/// <summary>Reads a type as ClickHouse writes it, or as people write it in a CREATE TABLE.</summary>
internal sealed class ClickHouseTypeParser(string text)
{
    /// <summary>The characters that are escaped by a letter, and below them the letters.</summary>
    public const string Escapes = "\b\f\n\r\t\0";

    public const string EscapeLetters = "bfnrt0";

    private const int MaxDepth = 100;
    private int at;
    private int depth;

    public void End()
    {
        SkipBlanks();
        if (at < text.Length) throw Error();
    }

    public ClickHouseType ReadType()
    {
        if (++depth > MaxDepth) throw Error();
        var name = ReadWord();
        if (name.Length == 0) throw Error();
        var type = new ClickHouseType(name, Take('(') ? ReadArguments() : []);
        depth--;
        return type;
    }

    private ImmutableArray<ClickHouseTypeArgument> ReadArguments()
    {
        var arguments = ImmutableArray.CreateBuilder<ClickHouseTypeArgument>();
        if (Take(')')) return [];
        do arguments.Add(ReadArgument());
        while (Take(','));
        if (!Take(')')) throw Error();
        return arguments.ToImmutable();
    }

    private ClickHouseTypeArgument ReadArgument()
    {
        SkipBlanks();
        if (at >= text.Length) throw Error();
        if (text[at] == '\'')
        {
            var label = ReadQuoted();
            return Take('=') ? new ClickHouseTypeArgument { Label = label, Value = ReadInteger(), IsEnum = true } : new ClickHouseTypeArgument { Label = label };
        }

        if (char.IsAsciiDigit(text[at]) || text[at] == '-') return new ClickHouseTypeArgument { Value = ReadInteger() };

        // A name before a type is a tuple's element; a name alone, or before its own arguments, is a type.
        var start = at;
        var word = text[at] is '`' or '"' ? ReadQuoted() : ReadWord();
        var quoted = text[start] is '`' or '"';
        SkipBlanks();
        if (word is not ("SKIP" or "REGEXP") && at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_')) return new ClickHouseTypeArgument { Field = word, Type = ReadType() };
        if (!quoted && word.Length > 0 && (at >= text.Length || text[at] is '(' or ')' or ','))
        {
            at = start;
            return new ClickHouseTypeArgument { Type = ReadType() };
        }

        return new ClickHouseTypeArgument { Verbatim = ReadVerbatim(start) };
    }

    private string ReadVerbatim(int start)
    {
        for (var open = 0; at < text.Length; at++)
        {
            if (text[at] is '\'' or '`' or '"')
            {
                ReadQuoted();
                at--;
            }
            else if (text[at] == '(') open++;
            else if (text[at] == ')' && open-- == 0) break;
            else if (text[at] == ',' && open == 0) break;
        }

        var verbatim = text[start..at].TrimEnd();
        return verbatim.Length > 0 ? verbatim : throw Error();
    }

    private long ReadInteger()
    {
        SkipBlanks();
        var start = at;
        if (at < text.Length && text[at] == '-') at++;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return long.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Error();
    }

    private string ReadQuoted()
    {
        var quote = text[at];
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == quote)
            {
                at++;
                if (at >= text.Length || text[at] != quote) return value.ToString();
                value.Append(quote);
            }
            else if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
                value.Append(EscapeLetters.IndexOf(text[at], StringComparison.Ordinal) is var escape and >= 0 ? Escapes[escape] : text[at]);
            }
            else
            {
                value.Append(text[at]);
            }
        }

        throw Error();
    }

    private string ReadWord()
    {
        SkipBlanks();
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) at++;
        return text[start..at];
    }

    private bool Take(char expected)
    {
        SkipBlanks();
        if (at >= text.Length || text[at] != expected) return false;
        at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    private FormatException Error() => new($"'{text}' is no ClickHouse type (at {at})");
}
