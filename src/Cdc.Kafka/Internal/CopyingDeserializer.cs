using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>Copies a message's bytes from the client's memory straight into the batch being filled.</summary>
internal sealed class CopyingDeserializer(HandOver handOver, int maxBytes) : IDeserializer<ReadOnlyMemory<byte>?>
{
    /// <summary>Bytes of the last key or value when that was too large to be copied, else 0.</summary>
    public int TooLarge { get; private set; }

    public ReadOnlyMemory<byte>? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        TooLarge = data.Length > maxBytes ? data.Length : 0;
        if (isNull || TooLarge > 0) return default(ReadOnlyMemory<byte>?);
        return handOver.Filling.Copy(data);
    }
}
