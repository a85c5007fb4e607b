namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>Finds columns that may have been renamed at the source: one is gone, one of its type came.</summary>
internal static class Renames
{
    /// <param name="table">The target's table.</param>
    /// <param name="columns">The columns of the messages.</param>
    /// <returns>For each new column the columns of the writer's own that are gone and had its type.</returns>
    public static IReadOnlyList<(ColumnShape New, IReadOnlyList<ServerColumn> Gone)> Find(ServerTable table, IReadOnlyList<ColumnShape> columns)
    {
        var found = new List<(ColumnShape, IReadOnlyList<ServerColumn>)>();
        foreach (var column in columns)
        {
            if (Target(table, column.Name) is not null) continue;
            var gone = table.Columns.Where(c => c is { IsStored: true, InSortingKey: false } && MayHaveBecome(c, column) && !columns.Any(o => Target(table, o.Name) == c)).ToList();
            if (gone.Count > 0) found.Add((column, gone));
        }

        return found;
    }

    /// <summary>The target's column for a name of the source, its former names included: a message from before a rename may come again.</summary>
    public static ServerColumn? Target(ServerTable table, string name) =>
        table.Find(name) ?? table.Columns.FirstOrDefault(c => TypeNote.Read(c.Comment) is { } note && note.FormerNames.Contains(name));

    private static bool MayHaveBecome(ServerColumn gone, ColumnShape column) =>
        TypeNote.Read(gone.Comment) is { } note && TypeNote.Spell(note.Type) == TypeNote.Spell(column.Type);
}
