namespace Cdc;

/// <summary>Some messages, in the order of each partition. Their bytes are valid until the source is asked for the next batch.</summary>
/// <param name="messages">The messages; none when the source is idle, so that time-bound work goes on.</param>
public readonly struct SourceBatch(ReadOnlyMemory<SourceMessage> messages)
{
    /// <summary>The messages.</summary>
    public ReadOnlyMemory<SourceMessage> Messages { get; } = messages;
}
