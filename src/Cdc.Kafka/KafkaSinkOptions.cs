using Cdc.Kafka.Internal;

namespace Cdc.Kafka;

/// <summary>How a <see cref="KafkaChangeSink"/> writes. Read once when it is made.</summary>
public sealed class KafkaSinkOptions
{
    /// <summary>The brokers to begin with: <c>host:port</c>, comma-separated.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>The first part of each topic's name, which is <c>prefix.schema.table</c> as Debezium names them.</summary>
    public string TopicPrefix { get; set; } = "";

    /// <summary>Gives a table its topic, in place of <c>prefix.schema.table</c>; or null.</summary>
    public Func<TableId, string>? Topic { get; set; }

    /// <summary>Whether each delete is followed by a message without a value, so that a compacted topic forgets the key. The default is true, as it is Debezium's.</summary>
    public bool Tombstones { get; set; } = true;

    /// <summary>
    /// Makes each flush one transaction of Kafka's, under this id: readers with <c>read_committed</c> see all of a flush or nothing. Two processes may not share one.
    /// Null, the default, writes without transactions.
    /// </summary>
    public string? TransactionalId { get; set; }

    /// <summary>
    /// Whether the source's transactions are told, as by Debezium's <c>provide.transaction.metadata</c>: a BEGIN and an END in the topic <c>prefix.transaction</c>, and the place of each change in its envelope.
    /// For a source that delivers transactions one after the other and their ends among their changes: PostgreSQL's own log. The default is false.
    /// </summary>
    public bool TransactionMetadata { get; set; }

    /// <summary>The most bytes that wait for the brokers; above it the sink takes no more. The default is 64 MB.</summary>
    public long MaxBufferedBytes { get; set; } = 64 << 20;

    /// <summary>Settings of librdkafka by its own names, for TLS, SASL and tuning. Those that decide over loss are refused by name.</summary>
    public IDictionary<string, string> Configuration { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers)) yield return $"{nameof(BootstrapServers)} is empty; name at least one broker as host:port";
        if (Topic is null && string.IsNullOrWhiteSpace(TopicPrefix)) yield return $"{nameof(TopicPrefix)} is empty; it is the first part of each topic's name";
        if (TransactionMetadata && string.IsNullOrWhiteSpace(TopicPrefix) && Topic is not null) yield return $"{nameof(TopicPrefix)} is empty; it is the first part of the transactions' topic";
        if (TransactionalId is { Length: 0 }) yield return $"{nameof(TransactionalId)} is empty; leave it null for no transactions";
        if (MaxBufferedBytes < 1 << 20) yield return $"{nameof(MaxBufferedBytes)} is {MaxBufferedBytes}; it must be at least 1 MB";
        foreach (var problem in ClientConfiguration.Problems(Configuration)) yield return problem;
    }
}
