namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>
/// A column of the open block in ClickHouse's Native form. A value is either appended exactly or refused by name;
/// a refused one leaves the column in an undefined state from which <see cref="Truncate"/> brings it back.
/// </summary>
internal abstract class ColumnEncoder(ClickHouseType type) : IDisposable
{
    /// <summary>The type as the block's header names it.</summary>
    public ClickHouseType Type { get; } = type;

    /// <summary>Bytes buffered.</summary>
    public abstract long Bytes { get; }

    /// <summary>NULL arrays among the rows that became empty ones, because ClickHouse has no NULL array.</summary>
    public virtual long NullArrays => 0;

    /// <summary>Appends a cell that has a value.</summary>
    /// <exception cref="ChangeFormatException">The bytes are not what the source's type says.</exception>
    /// <exception cref="ValueRefusedException">The column cannot hold the value exactly.</exception>
    public abstract void AppendValue(scoped in Cell cell);

    /// <summary>Appends a cell that has a value, where the type's range holds it.</summary>
    /// <returns>False where the value lies outside the range; nothing is appended then.</returns>
    public virtual bool TryAppendValue(scoped in Cell cell)
    {
        AppendValue(in cell);
        return true;
    }

    /// <summary>Appends a NULL, or refuses it.</summary>
    public virtual void AppendNull(scoped in Cell cell) => throw cell.Refuse(RefusalReason.Null);

    /// <summary>Appends what stands where there is no value: NULL where the column may be, else the type's zero.</summary>
    public abstract void AppendDefault();

    /// <summary>Appends a value that the server gave in RowBinary, unchanged.</summary>
    /// <param name="from">The value and what follows; what follows remains.</param>
    public abstract void AppendRowBinary(ref ReadOnlySpan<byte> from);

    /// <summary>Withdraws all rows from the given one on.</summary>
    public abstract void Truncate(int rows);

    /// <summary>What stands before the column's data, nested columns included.</summary>
    public virtual void CollectPrefix(SegmentList segments)
    {
    }

    /// <summary>The data of some rows. The segments are valid until the column changes.</summary>
    public abstract void Collect(int first, int count, SegmentList segments);

    /// <summary>Appends a cell, whatever its state; one that is absent takes the default.</summary>
    public void Append(scoped in Cell cell)
    {
        switch (cell.State)
        {
            case CellState.Value:
                AppendValue(in cell);
                break;
            case CellState.Null:
                AppendNull(in cell);
                break;
            case CellState.Unavailable:
                throw cell.Refuse(RefusalReason.Unavailable);
            default:
                AppendDefault();
                break;
        }
    }

    public abstract void Dispose();
}
