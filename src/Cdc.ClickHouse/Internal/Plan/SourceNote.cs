using System.Globalization;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>What a table's comment says of it: <c>cdc layout=log-1 source=public/orders</c>.</summary>
internal static class SourceNote
{
    private const string LayoutMark = "cdc layout=";
    private const string SourceMark = " source=";
    private const string FenceMark = " fence=";

    public static string Write(TableId source, VersionLayout layout) =>
        $"{LayoutMark}{LayoutId(layout)}{SourceMark}{Uri.EscapeDataString(source.Namespace)}/{Uri.EscapeDataString(source.Name)}";

    public static string LayoutId(VersionLayout layout) => $"{layout.ToString().ToLowerInvariant()}-1";

    /// <returns>The version layout's id, or null where the comment names none.</returns>
    public static string? ReadLayout(string comment) => After(comment, LayoutMark);

    /// <returns>The source's table, or null where the comment names none.</returns>
    public static TableId? Read(string comment)
    {
        if (ReadLayout(comment) is null || After(comment, SourceMark) is not { } source || source.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash)) return null;
        return new TableId("", Uri.UnescapeDataString(source[..slash]), Uri.UnescapeDataString(source[(slash + 1)..]));
    }

    /// <returns>The version of the newest truncate, or 0 where the comment names none.</returns>
    public static RowVersion ReadFence(string comment) =>
        After(comment, FenceMark) is { } text && UInt128.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? new RowVersion(value) : default;

    /// <returns>The comment with another fence, and everything else as it was.</returns>
    public static string WithFence(string comment, RowVersion fence)
    {
        var old = After(comment, FenceMark);
        var rest = old is null ? comment : comment.Replace(FenceMark + old, "", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{rest}{FenceMark}{fence.Value:x}");
    }

    private static string? After(string comment, string mark)
    {
        var start = comment.IndexOf(mark, StringComparison.Ordinal);
        if (start < 0) return null;
        var rest = comment[(start + mark.Length)..];
        var end = rest.IndexOfAny([' ', ';', ',', '\n']);
        return end < 0 ? rest : rest[..end];
    }
}
