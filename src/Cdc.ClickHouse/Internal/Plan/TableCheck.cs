namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>Whether a table that exists can take changes idempotently. Each refusal says what to do.</summary>
internal static class TableCheck
{
    /// <returns>Why not, or null.</returns>
    public static string? Refusal(ServerTable table, IReadOnlyList<string> key, VersionLayout layout, ClickHouseOptions options)
    {
        var name = $"{table.Database}.{table.Name}";
        var recreate = $"create it as ReplacingMergeTree({options.VersionColumn}, {options.DeletedColumn}) ORDER BY ({string.Join(", ", key)}), or rename it and let the writer create its own";
        if (!table.Engine.EndsWith("ReplacingMergeTree", StringComparison.Ordinal))
        {
            return $"{name} has the engine {table.Engine}, which {Weakness(table.Engine)}; {recreate}";
        }

        var columns = table.EngineColumns();
        if (columns.Count == 0) return $"{name} is a {table.Engine} without a version column, so the last insert wins, not the last change; {recreate}";
        if (columns[0] != options.VersionColumn) return $"the version column of {name} is {columns[0]}, not {options.VersionColumn}; set {nameof(ClickHouseOptions.VersionColumn)} to it if it holds versions of this writer, or {recreate}";
        if (columns.Count < 2) return $"{name} has no is_deleted column in its engine's arguments, so deletes would stay as rows; {recreate}";
        if (columns[1] != options.DeletedColumn) return $"the is_deleted column of {name} is {columns[1]}, not {options.DeletedColumn}; set {nameof(ClickHouseOptions.DeletedColumn)} to it, or {recreate}";
        if (table.Find(options.VersionColumn) is not { Type: "UInt128" })
        {
            return $"the version column {options.VersionColumn} of {name} is {table.Find(options.VersionColumn)?.Type}, but versions are UInt128; if it only held versions of this writer, ALTER TABLE … MODIFY COLUMN {options.VersionColumn} UInt128, else {recreate}";
        }

        if (table.Find(options.DeletedColumn) is not { Type: "UInt8" }) return $"the column {options.DeletedColumn} of {name} is not UInt8; {recreate}";
        if (Technical(table, options.OperationColumn, static t => t is "String" or "LowCardinality(String)", "LowCardinality(String)") is { } operation) return operation;
        if (Technical(table, options.SourceTimestampColumn, static t => t.StartsWith("DateTime64(6", StringComparison.Ordinal), "DateTime64(6, 'UTC')") is { } timestamp) return timestamp;
        if (!table.SortingColumns().ToHashSet(StringComparer.Ordinal).SetEquals(key))
        {
            return $"the sorting key of {name} is ({table.SortingKey}), but the messages' key is ({string.Join(", ", key)}): rows of different keys would replace each other or old ones stay; {recreate}";
        }

        if (table.Columns.FirstOrDefault(c => c is { InPartitionKey: true, InSortingKey: false }) is { } mutable)
        {
            return $"the partition key of {name} ({table.PartitionKey}) uses {mutable.Name}, which is not part of the key: an update could move a row to another partition, where its old version is never replaced; partition by columns of the key only, or not at all";
        }

        if (SourceNote.ReadLayout(table.Comment) is { } id && id != SourceNote.LayoutId(layout))
        {
            return $"{name} holds versions of layout {id}, these messages have {SourceNote.LayoutId(layout)}, and the two cannot be compared; write to another table, or empty this one and change its comment";
        }

        return null;
    }

    private static string? Technical(ServerTable table, string column, Func<string, bool> fits, string wanted) =>
        table.Find(column) is { } found && !fits(found.Type)
            ? $"the column {column} of {table.Database}.{table.Name} is {found.Type}, not {wanted}; change it, drop it, or give the writer's column another name"
            : null;

    private static string Weakness(string engine) => engine switch
    {
        "Memory" or "Null" or "Set" or "Buffer" => "loses rows by design",
        "Distributed" => "acknowledges rows before a shard has them; write to the local tables' cluster through a load balancer instead",
        "View" or "LiveView" or "MaterializedView" => "is no table",
        _ => "keeps every version of a row beside each other",
    };
}
