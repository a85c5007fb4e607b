using System.Globalization;
using System.Text;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>A column that a plan creates or changes.</summary>
internal sealed record PlannedColumn(string Name, string Type, string Comment)
{
    /// <summary>The expression that rows written before the column existed have, or null for the type's own default.</summary>
    public string? Default { get; init; }

    public string Definition => $"{Sql.Name(Name)} {Type}{(Default is null ? "" : $" DEFAULT {Default}")} COMMENT {Sql.Text(Comment)}";
}

/// <summary>The statements that make and change tables.</summary>
internal static class Ddl
{
    public static string CreateDatabase(string database) => $"CREATE DATABASE IF NOT EXISTS {Sql.Name(database)}";

    public static string CreateTable(
        string database, string table, IEnumerable<PlannedColumn> columns, IReadOnlyCollection<string> key, bool nullableKey, string comment, ClickHouseOptions options)
    {
        var sql = new StringBuilder("CREATE TABLE IF NOT EXISTS ").Append(Sql.Name(database, table)).Append("\n(\n");
        foreach (var column in columns) sql.Append("    ").Append(column.Definition).Append(",\n");
        sql.Append(CultureInfo.InvariantCulture, $"    {Sql.Name(options.VersionColumn)} UInt128 CODEC(ZSTD(1)),\n");
        sql.Append(CultureInfo.InvariantCulture, $"    {Sql.Name(options.DeletedColumn)} UInt8,\n");
        sql.Append(CultureInfo.InvariantCulture, $"    {Sql.Name(options.OperationColumn)} LowCardinality(String),\n");
        sql.Append(CultureInfo.InvariantCulture, $"    {Sql.Name(options.SourceTimestampColumn)} DateTime64(6, 'UTC'),\n");
        sql.Append(CultureInfo.InvariantCulture, $"    {Sql.Name(options.IngestedColumn)} DateTime64(3, 'UTC') DEFAULT now64(3)\n)\n");
        sql.Append(CultureInfo.InvariantCulture, $"ENGINE = ReplacingMergeTree({Sql.Name(options.VersionColumn)}, {Sql.Name(options.DeletedColumn)})\n");
        sql.Append(CultureInfo.InvariantCulture, $"ORDER BY ({Sql.Names(key)})\n");
        if (nullableKey) sql.Append("SETTINGS allow_nullable_key = 1\n");
        return sql.Append(CultureInfo.InvariantCulture, $"COMMENT {Sql.Text(comment)}").ToString();
    }

    public static string View(string database, string table, IEnumerable<string> columns, bool replace) =>
        $"CREATE {(replace ? "OR REPLACE VIEW" : "VIEW IF NOT EXISTS")} {Sql.Name(database, $"{table}_current")} AS SELECT {Sql.Names(columns)} FROM {Sql.Name(database, table)} FINAL";

    public static string AddColumn(string database, string table, PlannedColumn column) =>
        $"ALTER TABLE {Sql.Name(database, table)} ADD COLUMN IF NOT EXISTS {column.Definition}";

    public static string ModifyColumn(string database, string table, PlannedColumn column) =>
        $"ALTER TABLE {Sql.Name(database, table)} MODIFY COLUMN {column.Definition}";

    public static string ReplaceColumn(string database, string table, PlannedColumn column) =>
        $"ALTER TABLE {Sql.Name(database, table)} DROP COLUMN {Sql.Name(column.Name)}, ADD COLUMN {column.Definition}";

    public static string RenameColumn(string database, string table, string name, PlannedColumn column) =>
        $"ALTER TABLE {Sql.Name(database, table)} RENAME COLUMN {Sql.Name(name)} TO {Sql.Name(column.Name)}";

    public static string CommentColumn(string database, string table, PlannedColumn column) =>
        $"ALTER TABLE {Sql.Name(database, table)} COMMENT COLUMN {Sql.Name(column.Name)} {Sql.Text(column.Comment)}";
}
