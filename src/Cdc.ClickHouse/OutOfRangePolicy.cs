namespace Cdc.ClickHouse;

/// <summary>What a column does with a value outside its type's range, the infinities included.</summary>
public enum OutOfRangePolicy
{
    /// <summary>The row is refused and goes to the dead letters. The default.</summary>
    Refuse,

    /// <summary>The nearest value of the type's range is stored. For dates and times.</summary>
    Clamp,

    /// <summary>NULL is stored. The column must be nullable.</summary>
    Null,

    /// <summary>The column is a String and holds every value as text.</summary>
    Text,
}

/// <summary>What a column does with a NULL array, which ClickHouse does not have.</summary>
public enum NullArrayPolicy
{
    /// <summary>An empty array is stored; the plan and the column's comment say so, and it is counted. The default.</summary>
    Empty,

    /// <summary>The row is refused and goes to the dead letters.</summary>
    Refuse,

    /// <summary>The column is a Nullable(String) and holds the array as JSON text.</summary>
    Text,
}
