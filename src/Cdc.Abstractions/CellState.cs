namespace Cdc;

/// <summary>What a message says of one column of one row.</summary>
public enum CellState : byte
{
    /// <summary>The message does not carry the column: what the target holds must not be overwritten.</summary>
    Absent,

    /// <summary>The column has a value.</summary>
    Value,

    /// <summary>The column is NULL.</summary>
    Null,

    /// <summary>The value is unchanged and was not sent (an unchanged TOAST value): the target's own value stays.</summary>
    Unavailable,
}
