namespace Cdc.Kafka;

/// <summary>The source cannot go on.</summary>
public sealed class KafkaSourceException : CdcException
{
    internal KafkaSourceException(string message, bool isTransient = false, Exception? innerException = null, IReadOnlyList<KafkaStoppedTopic>? stopped = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        Stopped = stopped ?? [];
    }

    /// <inheritdoc/>
    public override bool IsTransient { get; }

    /// <summary>The topics that are stopped, when it is because none is left.</summary>
    public IReadOnlyList<KafkaStoppedTopic> Stopped { get; }
}
