using System.Globalization;
using System.Text;

namespace Cdc.ClickHouse.Internal;

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

    /// <summary>Anything else, as it was written: a parameter or a path of JSON. Nothing here encodes such types.</summary>
    public string? Verbatim { get; init; }

    public override string ToString() =>
        Verbatim is not null ? Verbatim
        : Type is not null ? (Field is null ? Type.ToString() : $"{FieldName(Field)} {Type}")
        : Label is null ? Value.ToString(CultureInfo.InvariantCulture)
        : IsEnum ? $"{Quote(Label)} = {Value.ToString(CultureInfo.InvariantCulture)}"
        : Quote(Label);

    private static string FieldName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : Quote(name, '`');

    private static string Quote(string label) => Quote(label, '\'');

    private static string Quote(string text, char quote)
    {
        var quoted = new StringBuilder().Append(quote);
        foreach (var c in text)
        {
            if (ClickHouseTypeParser.Escapes.IndexOf(c) is var escape and >= 0) quoted.Append('\\').Append(ClickHouseTypeParser.EscapeLetters[escape]);
            else if (c == quote || c == '\\') quoted.Append('\\').Append(c);
            else quoted.Append(c);
        }

        return quoted.Append(quote).ToString();
    }
}
