using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>Compares what is durable with the partitions' ends. The poll thread looks, anybody reads.</summary>
internal sealed class LagWatch(ClusterView cluster)
{
    private const int LooksBetweenRequests = 5;
    private volatile IReadOnlyList<KafkaPartitionLag> latest = [];
    private Task<Dictionary<TopicPartition, (long Low, long High)>>? request;
    private int looks;

    public IReadOnlyList<KafkaPartitionLag> Latest => latest;

    /// <summary>Looks; once a second is meant.</summary>
    /// <param name="consumer">The consumer, which knows the ends of what it fetches.</param>
    /// <param name="partitions">The partitions that are consumed.</param>
    /// <param name="isPaused">Whether nothing is fetched: the ends are then asked for, for they go on growing.</param>
    public void Look(Consumer consumer, IReadOnlyList<PartitionState> partitions, bool isPaused)
    {
        var asked = Answer();
        if (isPaused && request is null && partitions.Count > 0 && looks++ % LooksBetweenRequests == 0)
        {
            request = cluster.OffsetsAsync([.. partitions.Select(p => new TopicPartition(p.Topic, p.Number))]);
        }

        if (!isPaused) looks = 0;
        var lags = new List<KafkaPartitionLag>(partitions.Count);
        foreach (var partition in partitions)
        {
            var name = new TopicPartition(partition.Topic, partition.Number);
            var end = Math.Max(partition.End, EndSeenBy(consumer, name));
            if (asked is not null && asked.TryGetValue(name, out var offsets)) end = Math.Max(end, offsets.High);
            partition.End = end;
            if (end >= 0) lags.Add(new KafkaPartitionLag(partition.Topic, partition.Number, Math.Max(0, end - partition.Durable)));
        }

        latest = lags;
    }

    public void Clear() => latest = [];

    private static long EndSeenBy(Consumer consumer, TopicPartition partition)
    {
        try
        {
            return consumer.GetWatermarkOffsets(partition).High.Value;
        }
        catch (KafkaException)
        {
            // The client does not know the partition yet.
            return Offset.Unset.Value;
        }
    }

    private Dictionary<TopicPartition, (long Low, long High)>? Answer()
    {
        if (request is not { IsCompleted: true } answered) return null;
        request = null;

        // One that failed leaves the last known ends; the consumer tells of the brokers' errors by itself.
        return answered.Exception is null && !answered.IsCanceled ? answered.Result : null;
    }
}
