using System.Collections.Immutable;
using Cdc.ClickHouse.Internal.Http;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse;

/// <summary>Tells from the target's tables what the source's are: for messages that carry no schema.</summary>
public static class ClickHouseCatalog
{
    /// <summary>
    /// Reads every table that changes can be written to. Tables that the writer created know their source's types from their columns'
    /// comments; of others the source's types are taken to be the columns' own.
    /// </summary>
    /// <param name="options">The server, and the databases and tables as the writer is given them.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    /// <exception cref="ClickHouseServerException">The server cannot be asked.</exception>
    public static async Task<SourceCatalog> ReadAsync(ClickHouseOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(nameof(options));
        using var server = new ServerConnection(options, TimeProvider.System);
        var catalog = new SourceCatalog();
        foreach (var table in await ServerTable.ReadAllAsync(server, cancellationToken).ConfigureAwait(false))
        {
            if (table.EngineColumns() is not [var version, ..] || version != options.VersionColumn) continue;
            if (SourceOf(table, options) is not { } source) continue;
            var columns = table.Columns.Where(c => c.IsStored && !options.TechnicalColumns.Contains(c.Name)).Select(Column).ToImmutableArray();
            catalog.Add(new CatalogTable(source, columns, [.. table.SortingColumns()]));
        }

        return catalog;
    }

    private static TableId? SourceOf(ServerTable table, ClickHouseOptions options)
    {
        // A table of the same source in another database is another writer's.
        if (SourceNote.Read(table.Comment) is { } noted) return TablePlanner.Target(noted, options) == (table.Database, table.Name) ? noted : null;
        foreach (var (name, own) in options.Tables)
        {
            // An override that renames a table is the only word on where its rows come from.
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0) continue;
            var source = new TableId("", name[..dot], name[(dot + 1)..]);
            if ((own.Table is not null || own.Database is not null) && TablePlanner.Target(source, options) == (table.Database, table.Name)) return source;
        }

        return options.Database is null ? new TableId("", table.Database, table.Name) : null;
    }

    private static ColumnShape Column(ServerColumn column)
    {
        var note = TypeNote.Read(column.Comment);
        return note is null ? InferredType.Of(column) : new ColumnShape(column.Name, note.Type, note.Nullable);
    }
}
