namespace Cdc.Kafka.Internal;

/// <summary>One assignment of one partition. A partition that comes again is another one, so nothing of an earlier assignment counts for it.</summary>
internal sealed class PartitionState(string topic, int number, string topicId, long start)
{
    private readonly Lock gate = new();
    private long durable = -1;
    private long committed = -1;
    private volatile bool isOwned = true;

    public string Topic { get; } = topic;

    public int Number { get; } = number;

    public string TopicId { get; } = topicId;

    public long Start { get; } = start;

    /// <summary>Whether its messages are delivered and its positions committed.</summary>
    public bool IsOwned => isOwned;

    /// <summary>The lowest offset not fetched yet. Only the poll thread uses it.</summary>
    public long Next { get; set; } = start;

    /// <summary>The batch that holds its latest message, and the entry there. Only the poll thread uses them.</summary>
    public (MessageBatch? Batch, int Index) Last { get; set; }

    /// <summary>The lowest offset that the loop was not given yet. Only the loop uses it.</summary>
    public long Delivered { get; set; } = start;

    /// <summary>The end of the partition as far as it is known; negative where it is not. Only the poll thread uses it.</summary>
    public long End { get; set; } = -1;

    /// <summary>The offset below which everything is durable.</summary>
    public long Durable
    {
        get
        {
            lock (gate) return Math.Max(durable, Start);
        }
    }

    public void Disown() => isOwned = false;

    /// <summary>Notes that everything below the position is durable; never more than was delivered in this assignment.</summary>
    public void SetDurable(long position)
    {
        lock (gate)
        {
            if (isOwned) durable = Math.Max(durable, Math.Min(position, Delivered));
        }
    }

    public bool TryGetUncommitted(out long position)
    {
        lock (gate)
        {
            position = durable;
            return durable > committed && durable >= Start;
        }
    }

    public void SetCommitted(long position)
    {
        lock (gate) committed = Math.Max(committed, position);
    }
}
