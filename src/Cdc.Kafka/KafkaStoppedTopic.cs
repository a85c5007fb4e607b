namespace Cdc.Kafka;

/// <summary>A topic that is not consumed here until somebody acts.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition where it was noticed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Explanation">What happened and the way out.</param>
public sealed record KafkaStoppedTopic(string Topic, int Partition, KafkaStopReason Reason, string Explanation);
