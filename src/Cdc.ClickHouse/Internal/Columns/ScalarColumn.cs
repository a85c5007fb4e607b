namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A column each of whose values is one run of bytes, so that a value can be found again.</summary>
internal abstract class ScalarColumn(ClickHouseType type) : ColumnEncoder(type)
{
    /// <summary>The value of a row in wire form.</summary>
    public abstract ReadOnlySpan<byte> this[int row] { get; }
}
