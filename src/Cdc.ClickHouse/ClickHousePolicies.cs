namespace Cdc.ClickHouse;

/// <summary>What a column does that the source has and the target's table lacks.</summary>
public enum NewColumnPolicy
{
    /// <summary>It is added to the table.</summary>
    Evolve,

    /// <summary>The table stops.</summary>
    Stop,

    /// <summary>Its values are left out.</summary>
    Ignore,
}

/// <summary>What a column does whose type at the source the target's column cannot take and cannot be widened to take.</summary>
public enum TypeChangePolicy
{
    /// <summary>The table stops. The default.</summary>
    Stop,

    /// <summary>
    /// The column is dropped and added again, as the source did it; its comment keeps the former type, so that values
    /// of an older message that comes again are recognised and left out.
    /// </summary>
    Replace,
}

/// <summary>
/// What happens when a column is gone from the messages and another of its type came: no message says whether it was renamed.
/// Taken for a new one wrongly, rows that do not change again would lose their values; taken for renamed wrongly, they would get another column's.
/// </summary>
public enum RenamePolicy
{
    /// <summary>The table stops and names both ways. The default.</summary>
    Stop,

    /// <summary>The column is renamed, where only one pair is possible; else the table stops.</summary>
    Rename,

    /// <summary>The column is new: the one that is gone keeps its values.</summary>
    Add,
}

/// <summary>What an update does to the columns of the target that its message does not carry.</summary>
public enum AbsentColumnPolicy
{
    /// <summary>They keep what the target holds, at the price of one look-up for each flush that has such rows. The default.</summary>
    Keep,

    /// <summary>They take their default. For tables whose source dropped a column that the target kept.</summary>
    Default,
}
