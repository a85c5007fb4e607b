namespace Cdc.Kafka.Internal;

/// <summary>Where a partition goes on, or why it does not.</summary>
/// <param name="Offset">The first offset to deliver.</param>
/// <param name="State">The reader's state at that offset, or null.</param>
/// <param name="Problem">Why messages are missing, or null.</param>
/// <param name="Stops">Whether the problem stops the topic; otherwise it starts over by the options.</param>
internal readonly record struct StartPosition(long Offset, string? State, KafkaStoppedTopic? Problem, bool Stops)
{
    /// <summary>
    /// The group's offset and the ledger both say that everything below them is durable; the lower one is believed.
    /// A partition that neither knows is new and starts at its first message.
    /// </summary>
    public static StartPosition Decide(string topic, int partition, string topicId, long low, long high, long? committed, LedgerEntry? ledger, KafkaSourceOptions options)
    {
        if (ledger is { TopicId.Length: > 0 } && topicId.Length > 0 && ledger.TopicId != topicId)
        {
            return Missing(KafkaStopReason.Recreated, $"it was deleted and created anew (id {ledger.TopicId} before, {topicId} now)", options.OnNewTopic, "OnNewTopic");
        }

        var remembered = ledger?.Partition.Position;
        var known = committed is { } c && remembered is { } r ? Math.Min(c, r) : committed ?? remembered;
        if (known is not { } offset) return new StartPosition(low, null, null, false);
        if (offset < low)
        {
            return Missing(KafkaStopReason.Gap, $"offsets {offset} to {low - 1} were deleted by retention before they were consumed", options.OnGap, "OnGap");
        }

        if (offset > high)
        {
            return Missing(KafkaStopReason.Truncated, $"the position to go on at is {offset} and the topic ends at {high}: it was truncated or created anew", options.OnNewTopic, "OnNewTopic");
        }

        return new StartPosition(offset, offset == remembered ? ledger!.ReaderState : null, null, false);

        StartPosition Missing(KafkaStopReason reason, string what, KafkaTopicPolicy policy, string option) =>
            new(low, null, Describe(topic, partition, reason, what, option), policy == KafkaTopicPolicy.Stop);
    }

    public static KafkaStoppedTopic Describe(string topic, int partition, KafkaStopReason reason, string what, string option) =>
        new(topic, partition, reason, $"topic {topic}, partition {partition}: {what}. Take a new snapshot of its tables and run with {option} = StartOver, or leave the topic out");
}
