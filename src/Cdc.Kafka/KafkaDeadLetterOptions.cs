using Cdc.Kafka.Internal;

namespace Cdc.Kafka;

/// <summary>Where <see cref="KafkaDeadLetters"/> go. Read once when they are made.</summary>
public sealed class KafkaDeadLetterOptions
{
    /// <summary>The brokers to begin with: <c>host:port</c>, comma-separated.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>The topic; by convention <c>&lt;group&gt;.dead-letters</c>. It must exist unless the brokers create topics on their own.</summary>
    public string Topic { get; set; } = "";

    /// <summary>What is put before the names of the original headers. The default is nothing.</summary>
    public string HeaderPrefix { get; set; } = "";

    /// <summary>How long a letter may take until the brokers have it. The default is 30 seconds.</summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Settings of librdkafka by its own names, for TLS, SASL and tuning. Those that decide over loss are refused by name.</summary>
    public IDictionary<string, string> Configuration { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The options for the dead letters of a source: the same brokers and settings, and the topic <c>&lt;group&gt;.dead-letters</c>.</summary>
    /// <param name="source">The source's options.</param>
    public static KafkaDeadLetterOptions For(KafkaSourceOptions source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var options = new KafkaDeadLetterOptions { BootstrapServers = source.BootstrapServers, Topic = $"{source.GroupId}.dead-letters" };
        foreach (var (name, value) in source.Configuration) options.Configuration[name] = value;
        return options;
    }

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers)) yield return $"{nameof(BootstrapServers)} is empty; name at least one broker as host:port";
        if (string.IsNullOrWhiteSpace(Topic)) yield return $"{nameof(Topic)} is empty; the convention is <group>.dead-letters";
        if (HeaderPrefix is null) yield return $"{nameof(HeaderPrefix)} is null; leave it empty for none";
        if (DeliveryTimeout <= TimeSpan.Zero || DeliveryTimeout > TimeSpan.FromDays(1)) yield return $"{nameof(DeliveryTimeout)} is {DeliveryTimeout}; it must be positive and at most a day";
        foreach (var problem in ClientConfiguration.Problems(Configuration)) yield return problem;
    }
}
