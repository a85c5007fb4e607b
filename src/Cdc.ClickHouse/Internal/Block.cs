using System.Runtime.InteropServices;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Internal;

/// <summary>A column of a block.</summary>
internal readonly record struct BlockColumn(string Name, ColumnEncoder Encoder);

/// <summary>
/// Rows of one table in ClickHouse's Native form, column by column, with the origin of each. A row is begun, its columns appended,
/// and then ended or withdrawn.
/// </summary>
internal sealed class Block(IReadOnlyList<BlockColumn> columns) : IDisposable
{
    private readonly BlockColumn[] columns = [.. columns];
    private readonly List<RowOrigin> origins = [];

    public IReadOnlyList<BlockColumn> Columns => columns;

    public int Rows => origins.Count;

    public ReadOnlySpan<RowOrigin> Origins => CollectionsMarshal.AsSpan(origins);

    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var column in columns) bytes += column.Encoder.Bytes;
            return bytes;
        }
    }

    public void EndRow(RowOrigin origin) => origins.Add(origin);

    /// <summary>Withdraws the row that was begun and not ended.</summary>
    public void Rollback()
    {
        foreach (var column in columns) column.Encoder.Truncate(origins.Count);
    }

    /// <summary>Withdraws the rows from the given one on, begun or ended.</summary>
    public void Truncate(int rows)
    {
        CollectionsMarshal.SetCount(origins, rows);
        Rollback();
    }

    /// <summary>Some rows as the body of an insert: the same bytes whenever it is asked for them, until the block changes.</summary>
    /// <remarks>The block must not change before <see cref="BlockContent.Released"/>.</remarks>
    public BlockContent Content(int first, int count) => new BlockContent(this, first, count);

    /// <summary>Empties the block and keeps its buffers.</summary>
    public void Clear()
    {
        origins.Clear();
        foreach (var column in columns) column.Encoder.Truncate(0);
    }

    public void Dispose()
    {
        foreach (var column in columns) column.Encoder.Dispose();
    }
}
