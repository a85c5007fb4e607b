using Cdc.Kafka.Internal;

namespace Cdc.Kafka;

/// <summary>What a <see cref="KafkaChangeSource"/> consumes and how. Read once when the source is made.</summary>
public sealed class KafkaSourceOptions
{
    /// <summary>The brokers to begin with: <c>host:port</c>, comma-separated.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>The consumer group: its members share the partitions, and its committed offsets are where a restart goes on.</summary>
    public string GroupId { get; set; } = "";

    /// <summary>The topics by name; an entry that begins with <c>^</c> is a regular expression over the names.</summary>
    public IList<string> Topics { get; } = [];

    /// <summary>Regular expressions of topics that no entry of <see cref="Topics"/> means (heartbeats, the schema change topic).</summary>
    public IList<string> ExcludeTopics { get; } = [];

    /// <summary>How the group's members share the partitions. The default is the classic protocol, cooperative.</summary>
    public KafkaGroupProtocol GroupProtocol { get; set; }

    /// <summary>The name of this member, when its restart shall not cause a rebalance (static membership); unique in the group. The default is none.</summary>
    public string? GroupInstanceId { get; set; }

    /// <summary>How long the broker waits for a member that does not answer. The default is 45 seconds. The consumer protocol has it at the broker.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Bytes of messages fetched and not done with, above which fetching pauses until half of them are. The default is 64 MiB.</summary>
    public long MaxBufferedBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of a key and value together above which a message stops its topic. The default is 16 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 16 << 20;

    /// <summary>What becomes of a topic whose messages were deleted by retention before they were consumed. The default stops it.</summary>
    public KafkaTopicPolicy OnGap { get; set; }

    /// <summary>What becomes of a topic that was truncated or created anew. The default stops it.</summary>
    public KafkaTopicPolicy OnNewTopic { get; set; }

    /// <summary>How often the topics are compared with those that were assigned, to notice one that was created anew. The default is 30 seconds.</summary>
    public TimeSpan TopicCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request about topics, offsets or the ledger may take. The default is 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the end may take: a last commit and leaving the group. The default is 10 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Settings of librdkafka by its own names, for TLS, SASL and tuning. Those that decide over loss are refused by name.</summary>
    public IDictionary<string, string> Configuration { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers)) yield return $"{nameof(BootstrapServers)} is empty; name at least one broker as host:port";
        if (string.IsNullOrWhiteSpace(GroupId)) yield return $"{nameof(GroupId)} is empty";
        if (Topics.Count == 0) yield return $"{nameof(Topics)} is empty";
        if (Topics.Any(string.IsNullOrWhiteSpace)) yield return $"{nameof(Topics)} has an empty entry";
        foreach (var topic in Topics.Where(t => !string.IsNullOrWhiteSpace(t) && t[0] != '^' && !IsTopicName(t)))
        {
            yield return $"'{topic}' in {nameof(Topics)} is not a topic's name; a regular expression begins with ^";
        }

        if (ExcludeTopics.Any(string.IsNullOrWhiteSpace)) yield return $"{nameof(ExcludeTopics)} has an empty entry, which would exclude everything";
        if (ExcludeTopics.Any(t => t.Contains(','))) yield return $"{nameof(ExcludeTopics)} has an entry with a comma; make it two entries";
        if (!Enum.IsDefined(GroupProtocol)) yield return $"{nameof(GroupProtocol)} is not one of Classic, Consumer";
        if (GroupInstanceId is "") yield return $"{nameof(GroupInstanceId)} is empty; leave it null for none";
        if (MaxBufferedBytes < 1 << 20) yield return $"{nameof(MaxBufferedBytes)} is {MaxBufferedBytes}; it must be at least 1048576";
        if (MaxMessageBytes < 1) yield return $"{nameof(MaxMessageBytes)} is {MaxMessageBytes}; it must be positive";
        if (!Enum.IsDefined(OnGap)) yield return $"{nameof(OnGap)} is not one of Stop, StartOver";
        if (!Enum.IsDefined(OnNewTopic)) yield return $"{nameof(OnNewTopic)} is not one of Stop, StartOver";
        foreach (var (name, value) in new[] { (nameof(SessionTimeout), SessionTimeout), (nameof(TopicCheckInterval), TopicCheckInterval), (nameof(RequestTimeout), RequestTimeout), (nameof(ShutdownTimeout), ShutdownTimeout) })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1)) yield return $"{name} is {value}; it must be positive and at most a day";
        }

        foreach (var problem in ClientConfiguration.Problems(Configuration)) yield return problem;
    }

    private static bool IsTopicName(string name) =>
        name.Length <= 249 && name is not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
