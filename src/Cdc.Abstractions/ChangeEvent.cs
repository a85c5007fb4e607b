using System.Text.Json.Serialization.Metadata;

namespace Cdc;

/// <summary>
/// One change of one row, as a view over the bytes of its message: a reader fills the same instance for every message,
/// and what it held is gone with the next one. <see cref="Detach"/> makes a copy to keep.
/// </summary>
public sealed class ChangeEvent
{
    private TableShape? shape;

    /// <summary>Makes an event for a reader to fill.</summary>
    public ChangeEvent()
    {
        Key = new RowImage(this);
        OldKey = new RowImage(this);
        Before = new RowImage(this);
        After = new RowImage(this);
    }

    /// <summary>What happened.</summary>
    public ChangeOperation Operation { get; set; }

    /// <summary>The table, as this message carries it.</summary>
    /// <exception cref="InvalidOperationException">No change was read into this event.</exception>
    public TableShape Shape
    {
        get => shape ?? throw new InvalidOperationException("The event holds no change: read one first.");
        set => shape = value;
    }

    /// <summary>The key of the row that the change is about; for a change of key, of the row that is left or entered.</summary>
    public RowImage Key { get; }

    /// <summary>The key that the row had before a change of key, on the insert of the new one; else not present.</summary>
    public RowImage OldKey { get; }

    /// <summary>The row before the change, as far as the source knows it: outside REPLICA IDENTITY FULL only its key is real.</summary>
    public RowImage Before { get; }

    /// <summary>The row after the change.</summary>
    public RowImage After { get; }

    /// <summary>The order of this change among all changes of its row.</summary>
    public RowVersion Version { get; set; }

    /// <summary>When the source committed the change: microseconds since 1970-01-01 UTC, 0 where unknown. Never an order.</summary>
    public long SourceTimestamp { get; set; }

    /// <summary>Whether a snapshot read the row.</summary>
    public bool IsSnapshot { get; set; }

    /// <summary>The source's id of the transaction as UTF-8 text, or empty.</summary>
    public ReadOnlyMemory<byte> TransactionId { get; set; }

    /// <summary>The topic of the message.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The partition of the message.</summary>
    public int Partition { get; private set; }

    /// <summary>The offset of the message.</summary>
    public long Offset { get; private set; }

    /// <summary>Forgets the change before and takes the coordinates of a message: for readers, first thing.</summary>
    /// <param name="message">The message that will be read.</param>
    public void Begin(in SourceMessage message)
    {
        Operation = ChangeOperation.None;
        shape = null;
        Key.Clear();
        OldKey.Clear();
        Before.Clear();
        After.Clear();
        Version = default;
        SourceTimestamp = 0;
        IsSnapshot = false;
        TransactionId = default;
        Topic = message.Topic;
        Partition = message.Partition;
        Offset = message.Offset;
    }

    /// <summary>A copy that owns its bytes and stays valid.</summary>
    public ChangeEvent Detach()
    {
        var bytes = new byte[Key.DetachedSize + OldKey.DetachedSize + Before.DetachedSize + After.DetachedSize];
        var copy = new ChangeEvent
        {
            Operation = Operation,
            shape = shape,
            Version = Version,
            SourceTimestamp = SourceTimestamp,
            IsSnapshot = IsSnapshot,
            TransactionId = TransactionId.ToArray(),
            Topic = Topic,
            Partition = Partition,
            Offset = Offset,
        };
        var end = Key.CopyTo(copy.Key, bytes, 0);
        end = OldKey.CopyTo(copy.OldKey, bytes, end);
        end = Before.CopyTo(copy.Before, bytes, end);
        After.CopyTo(copy.After, bytes, end);
        return copy;
    }

    /// <summary>The change with its rows as objects, to keep.</summary>
    /// <typeparam name="T">The type of a row.</typeparam>
    /// <param name="type">Its contract, from a System.Text.Json source generator.</param>
    /// <exception cref="System.Text.Json.JsonException">A row does not fit the object.</exception>
    public ChangeEvent<T> As<T>(JsonTypeInfo<T> type) where T : class =>
        new(Operation, Shape.Table, Version, DateTimeOffset.UnixEpoch.AddTicks(SourceTimestamp * TimeSpan.TicksPerMicrosecond), Before.As(type), After.As(type));
}

/// <summary>A change whose rows are objects.</summary>
/// <typeparam name="T">The type of a row.</typeparam>
/// <param name="Operation">What happened.</param>
/// <param name="Table">The table.</param>
/// <param name="Version">The order among all changes of the row.</param>
/// <param name="SourceTime">When the source committed the change; 1970 where unknown.</param>
/// <param name="Before">The row before, or null.</param>
/// <param name="After">The row after, or null.</param>
public sealed record ChangeEvent<T>(ChangeOperation Operation, TableId Table, RowVersion Version, DateTimeOffset SourceTime, T? Before, T? After)
    where T : class;
