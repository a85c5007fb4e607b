namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>What one column does with values that its type cannot hold.</summary>
internal sealed record ColumnRules(OutOfRangePolicy OutOfRange = OutOfRangePolicy.Refuse, NullArrayPolicy NullArray = NullArrayPolicy.Empty)
{
    public static ColumnRules Default { get; } = new();
}
