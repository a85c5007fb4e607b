using System.Collections.Immutable;

namespace Cdc;

/// <summary>
/// The columns of a table as the messages at hand carry them. Events of one shape share one instance,
/// so a sink compares references and seals its block when another shape comes.
/// </summary>
public sealed class TableShape
{
    /// <summary>Describes a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns of its rows, in the order of the message.</param>
    /// <param name="key">The columns of its key, in the order of the key; empty for a table without one.</param>
    /// <param name="decoder">What decodes the cells.</param>
    /// <param name="versionLayout">What the versions of its rows are made of.</param>
    public TableShape(TableId table, ImmutableArray<ColumnShape> columns, ImmutableArray<ColumnShape> key, CellDecoder decoder, VersionLayout versionLayout)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        Table = table;
        Columns = columns;
        Key = key;
        Decoder = decoder;
        VersionLayout = versionLayout;
    }

    /// <summary>The table.</summary>
    public TableId Table { get; }

    /// <summary>The columns of the table's rows, in the order of the message.</summary>
    public ImmutableArray<ColumnShape> Columns { get; }

    /// <summary>The columns of the key, in the order of the key; empty for a table without one.</summary>
    public ImmutableArray<ColumnShape> Key { get; }

    /// <summary>What decodes the cells.</summary>
    public CellDecoder Decoder { get; }

    /// <summary>What the versions of the rows are made of.</summary>
    public VersionLayout VersionLayout { get; }

    /// <summary>The position of a column in <see cref="Columns"/>, or −1.</summary>
    /// <param name="name">The column's exact name.</param>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            if (string.Equals(Columns[i].Name, name, StringComparison.Ordinal)) return i;
        }

        return -1;
    }

    /// <summary>The default of a column as a cell.</summary>
    /// <param name="column">A position in <see cref="Columns"/>.</param>
    /// <returns>The cell; absent where <see cref="ColumnShape.Default"/> is null.</returns>
    public Cell DefaultCell(int column)
    {
        var shape = Columns[column];
        return new Cell(null, this, shape, shape.Default is null ? CellState.Absent : CellState.Value, 0, shape.Default);
    }
}
