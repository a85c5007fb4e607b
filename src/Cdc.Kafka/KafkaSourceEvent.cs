namespace Cdc.Kafka;

/// <summary>What a <see cref="KafkaSourceEvent"/> tells of.</summary>
public enum KafkaSourceEventKind
{
    /// <summary>A line of the client's own log, warnings and worse.</summary>
    Log,

    /// <summary>An error from which the client recovers by itself.</summary>
    Error,

    /// <summary>Partitions came.</summary>
    Assigned,

    /// <summary>Partitions went to another member.</summary>
    Revoked,

    /// <summary>Partitions were taken away without warning.</summary>
    Lost,

    /// <summary>The buffer is full: nothing is fetched until it is half empty.</summary>
    Paused,

    /// <summary>Fetching goes on.</summary>
    Resumed,

    /// <summary>A commit did not succeed; the next one covers it.</summary>
    CommitFailed,

    /// <summary>A topic stopped (<see cref="KafkaChangeSource.Stopped"/>).</summary>
    Stopped,

    /// <summary>A topic starts over by <see cref="KafkaTopicPolicy.StartOver"/>: messages are missing.</summary>
    StartedOver,

    /// <summary>The consumer failed and is made anew.</summary>
    Rebuilding,

    /// <summary>A finding of the check at start that does not prevent it.</summary>
    Finding,
}

/// <summary>Something that an operator may want to read.</summary>
/// <param name="Kind">What it tells of.</param>
/// <param name="Message">The words: never a value of a message, never a secret.</param>
public sealed record KafkaSourceEvent(KafkaSourceEventKind Kind, string Message);
