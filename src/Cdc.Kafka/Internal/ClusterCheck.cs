using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Cdc.Kafka.Internal;

/// <summary>One look at the cluster before anything is consumed.</summary>
internal sealed class ClusterCheck(KafkaSourceOptions options, ClientConfiguration configuration, ClusterView cluster)
{
    public const string Brokers = "brokers";
    private static readonly TimeSpan ShortRetention = TimeSpan.FromDays(1);
    private readonly List<KafkaFinding> findings = [];

    public async Task<IReadOnlyList<KafkaFinding>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var all = await Task.Run(() => cluster.Client.GetMetadata(options.RequestTimeout), cancellationToken).ConfigureAwait(false);
            CheckTransport();
            var topics = await CheckTopicsAsync(all).WaitAsync(cancellationToken).ConfigureAwait(false);
            await CheckGroupAsync(all).WaitAsync(cancellationToken).ConfigureAwait(false);
            await CheckRetentionAsync(topics).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            Add(KafkaFindingSeverity.Fatal, Brokers, $"{options.BootstrapServers} did not answer ({failure.Error.Code}: {configuration.Redact(failure.Error.Reason)}). Look at BootstrapServers, security.protocol and the credentials");
        }

        return [.. findings.OrderByDescending(f => f.Severity)];
    }

    private void CheckTransport()
    {
        if (configuration.SecurityProtocol is "SSL" or "SASL_SSL") return;
        if (options.BootstrapServers.Split(',').All(s => s.Trim() is var host && (host.StartsWith("localhost", StringComparison.Ordinal) || host.StartsWith("127.", StringComparison.Ordinal) || host.StartsWith("[::1]", StringComparison.Ordinal)))) return;
        Add(KafkaFindingSeverity.Warning, "security.protocol", "messages and credentials travel unencrypted; set it to SASL_SSL or SSL");
    }

    private async Task<List<string>> CheckTopicsAsync(Metadata all)
    {
        var excluded = options.ExcludeTopics.Select(Pattern).ToList();
        var existing = all.Topics.Select(t => t.Topic).Where(t => !excluded.Any(e => e.IsMatch(t))).ToList();
        var wanted = new HashSet<string>(options.Topics.Where(t => t[0] != '^'), StringComparer.Ordinal);
        foreach (var topic in wanted.Where(w => excluded.Any(e => e.IsMatch(w)))) Add(KafkaFindingSeverity.Fatal, $"topic {topic}", "it is wanted by Topics and excluded by ExcludeTopics");
        foreach (var pattern in options.Topics.Where(t => t[0] == '^'))
        {
            var matches = existing.Where(t => Pattern(pattern).IsMatch(t)).ToList();
            if (matches.Count == 0) Add(KafkaFindingSeverity.Fatal, $"topics {pattern}", "no topic matches that this user may see");
            wanted.UnionWith(matches);
        }

        var usable = new List<string>();
        foreach (var topic in await cluster.DescribeAsync(wanted, withRights: true).ConfigureAwait(false))
        {
            var subject = $"topic {topic.Name}";
            if (topic.Error.Code == ErrorCode.UnknownTopicOrPart) Add(KafkaFindingSeverity.Fatal, subject, "it does not exist; create it or correct Topics");
            else if (topic.Error.Code == ErrorCode.TopicAuthorizationFailed) Add(KafkaFindingSeverity.Fatal, subject, "the right DESCRIBE is missing; grant READ and DESCRIBE");
            else if (topic.Error.IsError) Add(KafkaFindingSeverity.Fatal, subject, $"the broker says {topic.Error.Code}");
            else
            {
                usable.Add(topic.Name);
                if (topic.AuthorizedOperations is { Count: > 0 } rights && !rights.Contains(AclOperation.Read)) Add(KafkaFindingSeverity.Fatal, subject, "the right READ is missing");
                if (topic.TopicId is null || (topic.TopicId.MostSignificantBits | topic.TopicId.LeastSignificantBits) == 0) Add(KafkaFindingSeverity.Warning, subject, "the broker gives no topic ids (it is older than 2.8): a topic created anew is noticed by its offsets only");
            }
        }

        return usable;
    }

    private async Task CheckGroupAsync(Metadata all)
    {
        var subject = $"group {options.GroupId}";
        try
        {
            var group = await DescribeGroupAsync().ConfigureAwait(false);
            if (group.State != ConsumerGroupState.Dead && group.AuthorizedOperations is { Count: > 0 } rights && !rights.Contains(AclOperation.Read)) Add(KafkaFindingSeverity.Fatal, subject, "the right READ is missing");
        }
        catch (DescribeConsumerGroupsException failure)
        {
            var code = failure.Results.ConsumerGroupDescriptions.Select(g => g.Error.Code).FirstOrDefault(c => c != ErrorCode.NoError);
            if (code == ErrorCode.GroupAuthorizationFailed) Add(KafkaFindingSeverity.Fatal, subject, "the right DESCRIBE is missing; grant READ and DESCRIBE");
            else if (code != ErrorCode.GroupIdNotFound) Add(KafkaFindingSeverity.Warning, subject, $"it could not be looked at: {code}");
        }
        catch (KafkaException failure)
        {
            Add(KafkaFindingSeverity.Warning, subject, $"it could not be looked at: {failure.Error.Code}");
        }

        if (options.GroupProtocol == KafkaGroupProtocol.Consumer) await CheckProtocolAsync(all).ConfigureAwait(false);
    }

    // A coordinator that has just started loads its groups first.
    private async Task<ConsumerGroupDescription> DescribeGroupAsync()
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100).ConfigureAwait(false))
        {
            try
            {
                var described = await cluster.Client.DescribeConsumerGroupsAsync([options.GroupId], new DescribeConsumerGroupsOptions { RequestTimeout = options.RequestTimeout, IncludeAuthorizedOperations = true }).ConfigureAwait(false);
                return described.ConsumerGroupDescriptions[0];
            }
            catch (DescribeConsumerGroupsException starting) when (clock.Elapsed < options.RequestTimeout && starting.Results.ConsumerGroupDescriptions.Any(g => g.Error.Code is ErrorCode.GroupLoadInProgress or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup))
            {
                // The next try may find it ready.
            }
        }
    }

    private async Task CheckProtocolAsync(Metadata all)
    {
        const string Setting = "group.coordinator.rebalance.protocols";
        var resource = new ConfigResource { Type = ResourceType.Broker, Name = all.Brokers[0].BrokerId.ToString(CultureInfo.InvariantCulture) };
        try
        {
            var described = await cluster.Client.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = options.RequestTimeout }).ConfigureAwait(false);
            if (described[0].Entries.TryGetValue(Setting, out var protocols) && protocols.Value.Contains("consumer", StringComparison.Ordinal)) return;
            Add(KafkaFindingSeverity.Fatal, "GroupProtocol", $"the broker does not offer the consumer protocol (it needs 4.0 or later and 'consumer' in {Setting}); use Classic");
        }
        catch (KafkaException failure)
        {
            Add(KafkaFindingSeverity.Note, "GroupProtocol", $"whether the broker offers the consumer protocol could not be seen: {failure.Error.Code}");
        }
    }

    private async Task CheckRetentionAsync(List<string> topics)
    {
        if (topics.Count == 0) return;
        try
        {
            var resources = topics.Select(t => new ConfigResource { Type = ResourceType.Topic, Name = t });
            foreach (var topic in await cluster.Client.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = options.RequestTimeout }).ConfigureAwait(false))
            {
                var subject = $"topic {topic.ConfigResource.Name}";
                var policy = Value(topic.Entries, "cleanup.policy");
                if (policy.Contains("compact", StringComparison.Ordinal)) Add(KafkaFindingSeverity.Note, subject, "it is compacted: only the last change of a key is sure to come, which is enough for the current rows");
                if (!policy.Contains("delete", StringComparison.Ordinal)) continue;
                if (long.TryParse(Value(topic.Entries, "retention.ms"), CultureInfo.InvariantCulture, out var kept) && kept >= 0 && kept < ShortRetention.TotalMilliseconds)
                {
                    Add(KafkaFindingSeverity.Warning, subject, $"retention.ms is {kept}: messages are lost when the pipeline stands still for longer than that; make it at least a day");
                }
            }
        }
        catch (KafkaException failure)
        {
            Add(KafkaFindingSeverity.Note, "retention", $"the topics' settings could not be seen ({failure.Error.Code}); grant DESCRIBE_CONFIGS to have them checked");
        }
    }

    private static string Value(Dictionary<string, ConfigEntryResult> entries, string name) => entries.TryGetValue(name, out var entry) ? entry.Value ?? "" : "";

    private static Regex Pattern(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

    private void Add(KafkaFindingSeverity severity, string subject, string problem) => findings.Add(new KafkaFinding(severity, subject, problem));
}
