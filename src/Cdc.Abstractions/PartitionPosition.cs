namespace Cdc;

/// <summary>How far a partition was delivered, how far it may be committed, and how far it was.</summary>
internal sealed class PartitionPosition(string topicId = "")
{
    private long firstHeld = long.MaxValue;
    private long committed = -1;

    public string TopicId { get; } = topicId;

    public long Next { get; private set; } = -1;

    /// <summary>Whether a change of it waits because its table is stopped.</summary>
    public bool IsHeld => firstHeld < Next;

    public void Delivered(long offset) => Next = Math.Max(Next, offset + 1);

    public void Hold(long offset) => firstHeld = Math.Min(firstHeld, offset);

    /// <summary>The position up to which everything is durable, if it is further than the last that was committed.</summary>
    public bool TryAdvance(out long position)
    {
        position = Math.Min(Next, firstHeld);
        return position > committed;
    }

    public void Committed(long position) => committed = position;
}
