namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>The version layout as a table's comment names it.</summary>
internal static class VersionLayouts
{
    private const string Mark = "cdc layout=";

    public static string Comment(VersionLayout layout) => $"{Mark}{Id(layout)}";

    public static string Id(VersionLayout layout) => $"{layout.ToString().ToLowerInvariant()}-1";

    /// <returns>The id in a table's comment, or null where it names none.</returns>
    public static string? Read(string comment)
    {
        var start = comment.IndexOf(Mark, StringComparison.Ordinal);
        if (start < 0) return null;
        var id = comment.AsSpan(start + Mark.Length);
        var end = id.IndexOfAny(" ;,\n");
        return (end < 0 ? id : id[..end]).ToString();
    }
}
