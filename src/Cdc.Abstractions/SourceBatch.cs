namespace Cdc;

/// <summary>Some messages, in the order of each partition, and what became of the partitions before them.</summary>
/// <param name="messages">The messages; none when the source is idle, so that time-bound work goes on. Their bytes are valid until the source is asked for the next batch.</param>
/// <param name="partitions">Partitions that came or went before the first message, in order; null where none did.</param>
public readonly struct SourceBatch(ReadOnlyMemory<SourceMessage> messages, IReadOnlyList<PartitionChange>? partitions = null)
{
    /// <summary>The messages.</summary>
    public ReadOnlyMemory<SourceMessage> Messages { get; } = messages;

    /// <summary>Partitions that came or went before the first message, in order; empty where none did.</summary>
    public IReadOnlyList<PartitionChange> Partitions => partitions ?? [];
}

/// <summary>What became of a partition.</summary>
public enum PartitionChangeKind
{
    /// <summary>The source will deliver it, from the position on.</summary>
    Assigned,

    /// <summary>The source will not deliver it any more. What was delivered may still be applied; it is not committed here again.</summary>
    Revoked,
}

/// <summary>A partition that came or went.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Partition">The partition, and for one that came the position of its first message.</param>
/// <param name="State">For one that came, what the reader must know of the messages below the position (<see cref="LedgerEntry.ReaderState"/>); null where that is unknown.</param>
/// <param name="TopicId">The topic's own id (<see cref="LedgerEntry.TopicId"/>); empty where the source has none.</param>
public sealed record PartitionChange(PartitionChangeKind Kind, Checkpoint Partition, string? State = null, string TopicId = "");
