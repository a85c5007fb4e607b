namespace Cdc.Kafka;

/// <summary>How far a partition's applied changes are behind its end.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Messages">
/// Offsets between the lowest that is not durable and the end of the partition. Where producers use transactions their markers count too,
/// so it need not fall to 0.
/// </param>
public sealed record KafkaPartitionLag(string Topic, int Partition, long Messages);
