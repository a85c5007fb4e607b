using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>
/// What a column's comment says of its source: <c>numeric(10,2) [cdc Decimal(10,2)? was Int32]</c>. The brackets are read again:
/// they tell the type of messages without a schema, the former types of a column that was replaced, and the former names of one that was renamed.
/// </summary>
internal sealed record TypeNote(SourceType Type, bool Nullable, ImmutableArray<string> Former, ImmutableArray<string> FormerNames)
{
    private const string Mark = "[cdc ";
    private const string TypesMark = " was ";
    private const string NamesMark = " named ";
    private const string Separator = " | ";

    /// <param name="column">The column.</param>
    /// <param name="before">What its note said before, or null.</param>
    /// <param name="remark">What people should know, or null.</param>
    public static string Write(ColumnShape column, TypeNote? before, string? remark)
    {
        var text = new StringBuilder(column.Type.Name ?? column.Type.Kind.ToString()).Append(' ').Append(Mark).Append(Spell(column.Type));
        if (column.Nullable) text.Append('?');
        if (before is { Former.Length: > 0 }) text.Append(TypesMark).AppendJoin(Separator, before.Former);
        if (before is { FormerNames.Length: > 0 }) text.Append(NamesMark).AppendJoin(Separator, before.FormerNames.Select(Uri.EscapeDataString));
        text.Append(']');
        if (remark is not null) text.Append(' ').Append(remark);
        return text.ToString();
    }

    public static TypeNote? Read(string comment)
    {
        var start = comment.LastIndexOf(Mark, StringComparison.Ordinal);
        if (start < 0) return null;
        var end = comment.IndexOf(']', start);
        if (end < 0) return null;
        var (rest, names) = Cut(comment[(start + Mark.Length)..end], NamesMark);
        var (spelled, former) = Cut(rest, TypesMark);
        var nullable = spelled.EndsWith('?');
        if (Parse(nullable ? spelled.AsSpan(..^1) : spelled) is not { } type) return null;
        var name = comment[..start].TrimEnd();
        return new TypeNote(type with { Name = name == type.Kind.ToString() ? null : name }, nullable, former, [.. names.Select(Uri.UnescapeDataString)]);
    }

    private static (string Before, ImmutableArray<string> List) Cut(string text, string mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, []) : (text[..at], [.. text[(at + mark.Length)..].Split(Separator)]);
    }

    /// <summary>A type as a note names it: <c>Decimal(10,2)</c>, <c>Timestamp(6)</c>, <c>Array(Int32)</c>.</summary>
    public static string Spell(SourceType type) => type switch
    {
        { Element: { } element } => $"{type.Kind}({Spell(element)})",
        { Kind: ValueKind.Decimal } => string.Create(CultureInfo.InvariantCulture, $"{type.Kind}({type.Precision},{type.Scale})"),
        { Precision: >= 0 } => string.Create(CultureInfo.InvariantCulture, $"{type.Kind}({type.Precision})"),
        { Length: >= 0 } => string.Create(CultureInfo.InvariantCulture, $"{type.Kind}({type.Length})"),
        _ => type.Kind.ToString(),
    };

    private static SourceType? Parse(ReadOnlySpan<char> text)
    {
        var open = text.IndexOf('(');
        var name = open < 0 ? text : text[..open];
        if (!Enum.TryParse<ValueKind>(name, out var kind) || !Enum.IsDefined(kind)) return null;
        var type = new SourceType(kind);
        if (open < 0) return type;
        if (text[^1] != ')') return null;
        var inner = text[(open + 1)..^1];
        if (kind == ValueKind.Array) return Parse(inner) is { } element ? type with { Element = element } : null;
        var comma = inner.IndexOf(',');
        if (!int.TryParse(comma < 0 ? inner : inner[..comma], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)) return null;
        if (kind == ValueKind.Bits) return type with { Length = first };
        if (comma < 0) return type with { Precision = first };
        return int.TryParse(inner[(comma + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var scale) ? type with { Precision = first, Scale = scale } : null;
    }
}
