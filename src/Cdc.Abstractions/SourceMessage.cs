namespace Cdc;

/// <summary>
/// A message as its source delivered it: the bytes of a key and a value, and where they stood.
/// The bytes are valid until the source is asked for the next batch.
/// </summary>
public readonly struct SourceMessage
{
    /// <summary>Names a message.</summary>
    /// <param name="topic">The Kafka topic, or what stands for it (a slot's name).</param>
    /// <param name="partition">The partition; 0 where there are none.</param>
    /// <param name="offset">The offset inside the partition.</param>
    /// <param name="key">The key, null for a null key.</param>
    /// <param name="value">The value, null for a null value.</param>
    public SourceMessage(string topic, int partition, long offset, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value)
    {
        ArgumentNullException.ThrowIfNull(topic);
        Topic = topic;
        Partition = partition;
        Offset = offset;
        Key = key;
        Value = value;
    }

    /// <summary>Names a message whose bytes are arrays.</summary>
    /// <param name="topic">The Kafka topic, or what stands for it.</param>
    /// <param name="partition">The partition; 0 where there are none.</param>
    /// <param name="offset">The offset inside the partition.</param>
    /// <param name="key">The key, null for a null key.</param>
    /// <param name="value">The value, null for a null value.</param>
    /// <remarks>Without this overload a null array would silently become an empty value instead of a tombstone.</remarks>
    public SourceMessage(string topic, int partition, long offset, byte[]? key, byte[]? value)
        : this(topic, partition, offset, Memory(key), Memory(value))
    {
    }

    /// <summary>The Kafka topic, or what stands for it.</summary>
    public string Topic { get; }

    /// <summary>The partition.</summary>
    public int Partition { get; }

    /// <summary>The offset inside the partition.</summary>
    public long Offset { get; }

    /// <summary>The key; null for a null key, which is not an empty one.</summary>
    public ReadOnlyMemory<byte>? Key { get; }

    /// <summary>The value; null for a null value (a tombstone), which is not an empty one.</summary>
    public ReadOnlyMemory<byte>? Value { get; }

    /// <summary>The message's own time, milliseconds since 1970-01-01 UTC; 0 where there is none. Never an order.</summary>
    public long Timestamp { get; init; }

    /// <summary>The headers in their order, or null.</summary>
    public IReadOnlyList<MessageHeader>? Headers { get; init; }

    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);
}

/// <summary>One header of a message.</summary>
/// <param name="Name">Its name; the same name may come twice.</param>
/// <param name="Value">Its value; null for a null value.</param>
public readonly record struct MessageHeader(string Name, ReadOnlyMemory<byte>? Value);
