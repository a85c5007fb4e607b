using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse;

/// <summary>What differs for one column.</summary>
public sealed class ClickHouseColumnOptions
{
    /// <summary>The column's type in the target (<c>Decimal(38, 9)</c>), or null for the one that follows from the source's.</summary>
    public string? Type { get; set; }

    /// <summary>What a value outside the type's range does. A column of the key refuses it in any case: two keys must not become one.</summary>
    public OutOfRangePolicy OutOfRange { get; set; }

    /// <summary>What a NULL array does.</summary>
    public NullArrayPolicy NullArray { get; set; }

    internal IEnumerable<string> Problems(string path)
    {
        if (Type is not null && TypeProblem() is { } problem) yield return $"{path}.{nameof(Type)}: {problem}";
        if (!Enum.IsDefined(OutOfRange)) yield return $"{path}.{nameof(OutOfRange)} is not one of Refuse, Clamp, Null, Text";
        if (!Enum.IsDefined(NullArray)) yield return $"{path}.{nameof(NullArray)} is not one of Empty, Refuse, Text";
    }

    private string? TypeProblem()
    {
        if (!ClickHouseType.TryParse(Type!, out var type)) return "it is no ClickHouse type";
        try
        {
            ColumnFactory.Create(type, ColumnRules.Default).Dispose();
            return null;
        }
        catch (NotSupportedException unsupported)
        {
            return unsupported.Message;
        }
    }
}
