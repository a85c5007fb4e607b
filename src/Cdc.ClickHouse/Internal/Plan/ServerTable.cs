using System.Collections.Immutable;
using System.Text;
using Cdc.ClickHouse.Internal.Http;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>A column as the server has it.</summary>
internal sealed record ServerColumn(string Name, string Type, string DefaultKind, string Comment, bool InSortingKey, bool InPartitionKey)
{
    /// <summary>Whether an insert may give it.</summary>
    public bool IsStored => DefaultKind is "" or "DEFAULT";
}

/// <summary>A table as the server has it.</summary>
internal sealed record ServerTable(
    string Database, string Name, string Engine, string EngineFull, string PartitionKey, string SortingKey, string Comment, string Uuid, ImmutableArray<ServerColumn> Columns)
{
    // Not the whole of a database: a server may have thousands of tables that are none of ours.
    private const string AllQuery =
        "SELECT database, name FROM system.tables WHERE engine LIKE '%ReplacingMergeTree' AND database NOT IN ('system') ORDER BY database, name FORMAT JSONCompactStringsEachRow";

    private const string TableQuery =
        "SELECT engine, engine_full, partition_key, sorting_key, comment, toString(uuid) FROM system.tables WHERE database = {database:String} AND name = {name:String} FORMAT JSONCompactStringsEachRow";

    private const string ColumnQuery =
        "SELECT name, type, default_kind, comment, is_in_sorting_key, is_in_partition_key FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position FORMAT JSONCompactStringsEachRow";

    /// <returns>The table, or null when there is none.</returns>
    public static async Task<ServerTable?> ReadAsync(ServerConnection server, string database, string name, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] parameters = [new("database", QueryText.Parameter(database)), new("name", QueryText.Parameter(name))];
        var tables = QueryText.Rows(await server.QueryAsync(TableQuery, parameters, "", cancellationToken).ConfigureAwait(false));
        if (tables.Count == 0) return null;
        var columns = QueryText.Rows(await server.QueryAsync(ColumnQuery, parameters, "", cancellationToken).ConfigureAwait(false));
        var t = tables[0];
        return new ServerTable(database, name, t[0], t[1], t[2], t[3], t[4], t[5], [.. columns.Select(c => new ServerColumn(c[0], c[1], c[2], c[3], c[4] == "1", c[5] == "1"))]);
    }

    /// <summary>All tables whose engine could take changes.</summary>
    public static async Task<IReadOnlyList<ServerTable>> ReadAllAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        var tables = new List<ServerTable>();
        foreach (var row in QueryText.Rows(await server.QueryAsync(AllQuery, null, "", cancellationToken).ConfigureAwait(false)))
        {
            if (await ReadAsync(server, row[0], row[1], cancellationToken).ConfigureAwait(false) is { } table) tables.Add(table);
        }

        return tables;
    }

    public ServerColumn? Find(string name) => Columns.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));

    /// <summary>The engine's arguments that are names, without the path and replica of a replicated table.</summary>
    public IReadOnlyList<string> EngineColumns()
    {
        var open = EngineFull.IndexOf('(');
        if (open < 0 || open != Engine.Length) return [];
        return [.. SplitNames(EngineFull.AsSpan(open + 1)).Where(a => a.Length > 0 && a[0] != '\'').Select(Unquote)];
    }

    /// <summary>The names of the sorting key; an expression stays as it is and equals no name.</summary>
    public IReadOnlyList<string> SortingColumns()
    {
        // One column in parentheses keeps them.
        var text = SortingKey is ['(', .., ')'] ? SortingKey.AsSpan(1) : SortingKey.AsSpan();
        return text.IsEmpty ? [] : [.. SplitNames(text).Select(Unquote)];
    }

    /// <summary>Splits at commas outside quotes and parentheses, up to an unmatched closing parenthesis.</summary>
    private static List<string> SplitNames(ReadOnlySpan<char> text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var depth = 0;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                part.Append(c);
                if (c == '\\' && i + 1 < text.Length) part.Append(text[++i]);
                else if (c == quote) quote = '\0';
                continue;
            }

            if (c is '`' or '\'' or '"') quote = c;
            if (c == '(') depth++;
            if (c == ')' && --depth < 0) break;
            if (c == ',' && depth == 0)
            {
                parts.Add(part.ToString().Trim());
                part.Clear();
                continue;
            }

            part.Append(c);
        }

        parts.Add(part.ToString().Trim());
        return parts;
    }

    private static string Unquote(string name)
    {
        if (name.Length < 2 || name[0] != '`' || name[^1] != '`') return name;
        var plain = new StringBuilder(name.Length);
        for (var i = 1; i < name.Length - 1; i++)
        {
            var c = name[i];
            if (c == '\\' && i + 1 < name.Length - 1)
            {
                c = name[++i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', '0' => '\0', 'b' => '\b', 'f' => '\f', var other => other };
            }

            plain.Append(c);
        }

        return plain.ToString();
    }
}
