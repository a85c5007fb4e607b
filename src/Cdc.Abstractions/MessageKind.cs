namespace Cdc;

/// <summary>What a message turned out to be. Only <see cref="Change"/> fills the event.</summary>
public enum MessageKind
{
    /// <summary>A change of a row or a table: the event holds it.</summary>
    Change,

    /// <summary>A null value that follows its own delete, or marks a key for compaction: nothing to apply.</summary>
    Tombstone,

    /// <summary>A heartbeat of the connector.</summary>
    Heartbeat,

    /// <summary>The begin or end of a transaction.</summary>
    Transaction,

    /// <summary>A logical decoding message (<c>pg_logical_emit_message</c>).</summary>
    LogicalMessage,

    /// <summary>A record of the schema change topic.</summary>
    SchemaChange,

    /// <summary>A notification of the connector.</summary>
    Notification,
}
