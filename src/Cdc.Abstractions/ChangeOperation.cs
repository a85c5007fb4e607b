namespace Cdc;

/// <summary>What happened to a row, or to a whole table.</summary>
public enum ChangeOperation : byte
{
    /// <summary>No change was read yet.</summary>
    None,

    /// <summary>A row was inserted (Debezium <c>c</c>).</summary>
    Insert,

    /// <summary>A row was updated and kept its key (Debezium <c>u</c>).</summary>
    Update,

    /// <summary>A row was deleted, or left its key for another (Debezium <c>d</c>).</summary>
    Delete,

    /// <summary>A row was read by a snapshot (Debezium <c>r</c>).</summary>
    Read,

    /// <summary>All rows of the table were removed (Debezium <c>t</c>).</summary>
    Truncate,
}
