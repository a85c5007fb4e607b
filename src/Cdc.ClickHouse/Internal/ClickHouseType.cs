using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Cdc.ClickHouse.Internal;

/// <summary>A type as ClickHouse writes it: a name and arguments, which are types, numbers, texts or labels.</summary>
internal sealed class ClickHouseType
{
    private ClickHouseType(string name, ImmutableArray<ClickHouseTypeArgument> arguments)
    {
        Name = name;
        Arguments = arguments;
    }

    /// <summary>The name without arguments, such as <c>Decimal</c>.</summary>
    public string Name { get; }

    public ImmutableArray<ClickHouseTypeArgument> Arguments { get; }

    public bool IsNullable => Name == "Nullable" || (Name == "LowCardinality" && Inner.IsNullable);

    /// <summary>The first argument as a type.</summary>
    public ClickHouseType Inner => Arguments[0].Type ?? throw new FormatException($"{this} holds no type");

    /// <summary>The type without Nullable and LowCardinality around it.</summary>
    public ClickHouseType Bare => Name is "Nullable" or "LowCardinality" ? Inner.Bare : this;

    /// <summary>An argument that is a number.</summary>
    public int Number(int index) => (int)Arguments[index].Value;

    /// <exception cref="FormatException">The text is no type.</exception>
    public static ClickHouseType Parse(string text)
    {
        var parser = new Parser(text);
        var type = parser.ReadType();
        parser.End();
        return type;
    }

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ClickHouseType? type)
    {
        try
        {
            type = Parse(text);
            return true;
        }
        catch (FormatException)
        {
            type = null;
            return false;
        }
    }

    public override string ToString() => Arguments.IsEmpty ? Name : $"{Name}({string.Join(", ", Arguments)})";

    private sealed class Parser(string text)
    {
        private int at;

        public void End()
        {
            Blank();
            if (at < text.Length) throw Error();
        }

        public ClickHouseType ReadType()
        {
            var name = Word();
            if (name.Length == 0) throw Error();
            return new ClickHouseType(name, Take('(') ? Arguments() : []);
        }

        private ImmutableArray<ClickHouseTypeArgument> Arguments()
        {
            var arguments = ImmutableArray.CreateBuilder<ClickHouseTypeArgument>();
            if (Take(')')) return [];
            do arguments.Add(Argument());
            while (Take(','));
            if (!Take(')')) throw Error();
            return arguments.ToImmutable();
        }

        private ClickHouseTypeArgument Argument()
        {
            Blank();
            if (at >= text.Length) throw Error();
            if (text[at] == '\'')
            {
                var label = Quoted('\'');
                return Take('=') ? new ClickHouseTypeArgument { Label = label, Value = Integer(), IsEnum = true } : new ClickHouseTypeArgument { Label = label };
            }

            if (char.IsAsciiDigit(text[at]) || text[at] == '-') return new ClickHouseTypeArgument { Value = Integer() };
            if (text[at] == '`') return new ClickHouseTypeArgument { Field = Quoted('`'), Type = ReadType() };

            // A name before a type is a tuple's element; a name alone, or before its own arguments, is a type.
            var start = at;
            var word = Word();
            Blank();
            if (word.Length > 0 && at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_')) return new ClickHouseTypeArgument { Field = word, Type = ReadType() };
            at = start;
            return new ClickHouseTypeArgument { Type = ReadType() };
        }

        private long Integer()
        {
            Blank();
            var start = at;
            if (at < text.Length && text[at] == '-') at++;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return long.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Error();
        }

        private string Quoted(char quote)
        {
            var value = new StringBuilder();
            for (at++; at < text.Length; at++)
            {
                if (text[at] == quote)
                {
                    at++;
                    return value.ToString();
                }

                if (text[at] == '\\' && at + 1 < text.Length) at++;
                value.Append(text[at]);
            }

            throw Error();
        }

        private string Word()
        {
            Blank();
            var start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) at++;
            return text[start..at];
        }

        private bool Take(char expected)
        {
            Blank();
            if (at >= text.Length || text[at] != expected) return false;
            at++;
            return true;
        }

        private void Blank()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }

        private FormatException Error() => new($"'{text}' is no ClickHouse type (at {at})");
    }
}

/// <summary>One argument of a type.</summary>
internal readonly record struct ClickHouseTypeArgument
{
    /// <summary>The argument as a type, or null.</summary>
    public ClickHouseType? Type { get; init; }

    /// <summary>The name of a tuple's element, or null.</summary>
    public string? Field { get; init; }

    /// <summary>A quoted text: a time zone, or an enumeration's label.</summary>
    public string? Label { get; init; }

    /// <summary>A number, or an enumeration's value.</summary>
    public long Value { get; init; }

    /// <summary>Whether this is a label of an enumeration with its value.</summary>
    public bool IsEnum { get; init; }

    public override string ToString() =>
        Type is not null ? (Field is null ? Type.ToString() : $"{FieldName(Field)} {Type}")
        : Label is null ? Value.ToString(CultureInfo.InvariantCulture)
        : IsEnum ? $"{Quote(Label)} = {Value.ToString(CultureInfo.InvariantCulture)}"
        : Quote(Label);

    private static string FieldName(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]) ? name : $"`{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal)}`";

    private static string Quote(string label) => $"'{label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
