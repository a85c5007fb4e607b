using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Cdc;

/// <summary>
/// What is known of the source's tables from elsewhere: without it, a message that carries no schema does not say what its values mean.
/// Tables are found by namespace and name, so that one catalog serves every database of the same layout.
/// </summary>
public sealed class SourceCatalog
{
    private readonly Dictionary<(string Namespace, string Name), CatalogTable> tables = [];

    /// <summary>All tables.</summary>
    public IReadOnlyCollection<CatalogTable> Tables => tables.Values;

    /// <summary>Adds a table, or replaces what was known of it.</summary>
    /// <param name="table">The table.</param>
    public void Add(CatalogTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        tables[(table.Table.Namespace, table.Table.Name)] = table;
    }

    /// <summary>Looks a table up.</summary>
    /// <param name="id">The table; its database does not matter where it has a schema.</param>
    /// <param name="table">What is known of it.</param>
    public bool TryGet(TableId id, [NotNullWhen(true)] out CatalogTable? table) => tables.TryGetValue((id.Namespace, id.Name), out table);
}

/// <summary>A table of a <see cref="SourceCatalog"/>.</summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">Its columns; <see cref="SourceType.Encoding"/> is 0.</param>
/// <param name="Key">The names of its key's columns, in the order of the key.</param>
public sealed record CatalogTable(TableId Table, ImmutableArray<ColumnShape> Columns, ImmutableArray<string> Key);
