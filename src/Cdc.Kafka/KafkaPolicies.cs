namespace Cdc.Kafka;

/// <summary>How the members of a consumer group share the partitions.</summary>
public enum KafkaGroupProtocol
{
    /// <summary>The members decide (cooperative-sticky). Every broker can do it.</summary>
    Classic,

    /// <summary>The broker decides (KIP-848): shorter rebalances. Needs brokers of 4.0 or later.</summary>
    Consumer,
}

/// <summary>What becomes of a topic of which messages are missing.</summary>
public enum KafkaTopicPolicy
{
    /// <summary>Its partitions are not consumed here any more; others go on. The default.</summary>
    Stop,

    /// <summary>It goes on at the earliest message that there is. What is missing stays missing: take a new snapshot of its table.</summary>
    StartOver,
}

/// <summary>Why a topic is not consumed.</summary>
public enum KafkaStopReason
{
    /// <summary>Messages below the broker's first offset were deleted by retention before they were consumed.</summary>
    Gap,

    /// <summary>The position to go on at lies above the topic's end: it was truncated or created anew.</summary>
    Truncated,

    /// <summary>The topic has another id than the one that was consumed before: it was deleted and created anew.</summary>
    Recreated,

    /// <summary>A message is larger than <see cref="KafkaSourceOptions.MaxMessageBytes"/>.</summary>
    MessageTooLarge,
}
