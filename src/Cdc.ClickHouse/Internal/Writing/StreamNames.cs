namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Numbers the topics and partitions, so that an origin is 16 bytes. Written by the caller alone.</summary>
internal sealed class StreamNames
{
    private readonly Dictionary<(string Topic, int Partition), int> numbers = [];
    private volatile (string Topic, int Partition)[] names = [];
    private string lastTopic = "";
    private int lastPartition = -1;
    private int lastNumber;

    public RowOrigin OriginOf(ChangeEvent change)
    {
        if (!ReferenceEquals(change.Topic, lastTopic) || change.Partition != lastPartition)
        {
            lastNumber = NumberOf(change.Topic, change.Partition);
            lastTopic = change.Topic;
            lastPartition = change.Partition;
        }

        return new RowOrigin(lastNumber, change.Offset);
    }

    public Checkpoint Checkpoint(RowOrigin origin)
    {
        var (topic, partition) = names[origin.Stream];
        return new Checkpoint(topic, partition, origin.Offset);
    }

    private int NumberOf(string topic, int partition)
    {
        if (numbers.TryGetValue((topic, partition), out var number)) return number;
        number = numbers.Count;
        numbers.Add((topic, partition), number);
        names = [.. names, (topic, partition)];
        return number;
    }
}
