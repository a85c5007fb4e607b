namespace Cdc.Kafka;

/// <summary>How much a <see cref="KafkaFinding"/> matters.</summary>
public enum KafkaFindingSeverity
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>It works, but messages may be lost or seen by others.</summary>
    Warning,

    /// <summary>It cannot work.</summary>
    Fatal,
}

/// <summary>Something that the check of the cluster found.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">The topic, group or setting it is about.</param>
/// <param name="Problem">What is wrong and what to do.</param>
public sealed record KafkaFinding(KafkaFindingSeverity Severity, string Subject, string Problem)
{
    /// <summary>The finding as one sentence.</summary>
    public override string ToString() => $"{Subject}: {Problem}";
}
