namespace Cdc.Kafka.Internal;

/// <summary>Turns options into librdkafka's settings, and keeps secrets out of every text.</summary>
internal sealed class ClientConfiguration
{
    // Each of these decides over loss, or has an option of its own.
    private static readonly Dictionary<string, string> Owned = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "set BootstrapServers",
        ["metadata.broker.list"] = "set BootstrapServers",
        ["group.id"] = "set GroupId",
        ["group.instance.id"] = "set GroupInstanceId",
        ["group.protocol"] = "set GroupProtocol",
        ["group.remote.assignor"] = "the broker's default is used",
        ["session.timeout.ms"] = "set SessionTimeout",
        ["partition.assignment.strategy"] = "it is cooperative-sticky",
        ["topic.blacklist"] = "set ExcludeTopics",
        ["enable.auto.commit"] = "only what is durable is committed",
        ["auto.commit.enable"] = "only what is durable is committed",
        ["auto.commit.interval.ms"] = "only what is durable is committed",
        ["enable.auto.offset.store"] = "only what is durable is committed",
        ["auto.offset.reset"] = "a missing offset is an error; see OnGap and OnNewTopic",
        ["isolation.level"] = "it is read_committed",
        ["check.crcs"] = "it is true",
        ["enable.partition.eof"] = "it is false",
        ["allow.auto.create.topics"] = "it is false, so that a wrong name is noticed",
        ["acks"] = "it is all",
        ["request.required.acks"] = "it is all",
        ["enable.idempotence"] = "it is true",
        ["message.timeout.ms"] = "set DeliveryTimeout",
        ["delivery.timeout.ms"] = "set DeliveryTimeout",
    };

    private static readonly string[] SecretWords = ["password", "secret", "token", "oauthbearer.config", "key.pem", "private"];
    private static readonly string[] ConsumerOnly = ["fetch.", "queued.m", "max.poll.", "max.partition.", "heartbeat.", "consume.", "coordinator.query"];
    private static readonly string[] ProducerOnly = ["queue.buffering.", "linger.", "batch.", "compression.", "message.send.", "retries", "sticky.partitioning.", "delivery."];

    private readonly string servers;
    private readonly KeyValuePair<string, string>[] given;
    private readonly string[] secrets;

    public ClientConfiguration(string servers, IDictionary<string, string> given)
    {
        this.servers = servers;
        this.given = [.. given];
        secrets = [.. this.given.Where(s => IsSecret(s.Key) && s.Value.Length > 0).Select(s => s.Value).OrderByDescending(s => s.Length)];
    }

    public string SecurityProtocol => given.FirstOrDefault(s => s.Key == "security.protocol").Value?.ToUpperInvariant() ?? "PLAINTEXT";

    public static IEnumerable<string> Problems(IDictionary<string, string> given)
    {
        foreach (var (name, value) in given)
        {
            if (value is null) yield return $"Configuration['{name}'] is null";
            if (Owned.TryGetValue(name, out var instead)) yield return $"Configuration['{name}'] may not be set: {instead}";
            else if (name.StartsWith("dotnet.", StringComparison.Ordinal)) yield return $"Configuration['{name}'] may not be set: it belongs to the client's wrapper";
        }
    }

    public Dictionary<string, string> Client() => Start(ConsumerOnly, ProducerOnly);

    public Dictionary<string, string> Consumer(KafkaSourceOptions options)
    {
        var settings = Start(ProducerOnly);
        AddCommon(settings, options);
        if (options.GroupProtocol == KafkaGroupProtocol.Consumer)
        {
            settings["group.protocol"] = "consumer";
        }
        else
        {
            settings["partition.assignment.strategy"] = "cooperative-sticky";
            settings["session.timeout.ms"] = Milliseconds(options.SessionTimeout);
        }

        if (options.GroupInstanceId is { } instance) settings["group.instance.id"] = instance;
        if (options.ExcludeTopics.Count > 0) settings["topic.blacklist"] = string.Join(',', options.ExcludeTopics);

        // The client's own prefetch is a second buffer below ours.
        var prefetch = Math.Clamp(options.MaxBufferedBytes / 4, 1 << 20, 16 << 20);
        settings.TryAdd("queued.max.messages.kbytes", Text(prefetch >> 10));
        settings.TryAdd("fetch.max.bytes", Text(prefetch));

        // Its default lets a full prefetch buffer run dry for a second.
        settings.TryAdd("fetch.queue.backoff.ms", "50");
        if (prefetch < 1_000_000) settings.TryAdd("message.max.bytes", Text(prefetch));
        settings["dotnet.consumer.consume.result.fields"] = "headers,timestamp,topic";
        return settings;
    }

    /// <summary>A consumer that is assigned by hand and joins nothing; it carries the group's name because rights may hang on it.</summary>
    public Dictionary<string, string> LookUp(KafkaSourceOptions options)
    {
        var settings = Start(ProducerOnly);
        AddCommon(settings, options);
        settings["enable.partition.eof"] = "true";
        settings["queued.min.messages"] = "1";
        return settings;
    }

    public Dictionary<string, string> Producer(TimeSpan deliveryTimeout)
    {
        var settings = Start(ConsumerOnly);
        settings["acks"] = "all";
        settings["enable.idempotence"] = "true";
        settings["message.timeout.ms"] = Milliseconds(deliveryTimeout);
        settings.TryAdd("linger.ms", "5");
        settings.TryAdd("message.max.bytes", Text(32 << 20));
        return settings;
    }

    /// <summary>The text without any secret that was given.</summary>
    public string Redact(string text)
    {
        foreach (var secret in secrets) text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }

    private static void AddCommon(Dictionary<string, string> settings, KafkaSourceOptions options)
    {
        settings["group.id"] = options.GroupId;
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["auto.offset.reset"] = "error";
        settings["isolation.level"] = "read_committed";
        settings["check.crcs"] = "true";
        settings["allow.auto.create.topics"] = "false";
    }

    private Dictionary<string, string> Start(params string[][] without)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (!without.SelectMany(w => w).Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))) settings[name] = value;
        }

        settings["bootstrap.servers"] = servers;
        return settings;
    }

    private static bool IsSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string Milliseconds(TimeSpan time) => Text((long)time.TotalMilliseconds);

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
