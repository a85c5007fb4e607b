using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>Copies a message's bytes from the client's memory straight into the batch being filled. Its result says nothing: that keeps the client's own objects small.</summary>
internal sealed class CopyingDeserializer(HandOver handOver, int maxBytes) : IDeserializer<byte>
{
    /// <summary>The last key or value; null for a null one, and for one that was too large.</summary>
    public ReadOnlyMemory<byte>? Last { get; private set; }

    /// <summary>Bytes of the last key or value when that was too large to be copied, else 0.</summary>
    public int TooLarge { get; private set; }

    public byte Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        TooLarge = data.Length > maxBytes ? data.Length : 0;
        if (isNull || TooLarge > 0) Last = null;
        else Last = handOver.Filling.Copy(data);
        return 0;
    }
}
