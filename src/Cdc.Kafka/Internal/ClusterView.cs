using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Cdc.Kafka.Internal;

/// <summary>What the cluster says of topics and offsets.</summary>
internal sealed class ClusterView : IDisposable
{
    private readonly TimeSpan timeout;
    private readonly Lock gate = new();
    private int running;
    private bool isDisposed;

    public ClusterView(ClientConfiguration configuration, TimeSpan timeout, Action<KafkaSourceEvent> tell)
    {
        this.timeout = timeout;
        Client = Clients.Build(configuration, () => new AdminClientBuilder(configuration.Client())
            .SetLogHandler((_, line) => Clients.Tell(tell, configuration, line))
            .SetErrorHandler((_, error) => Clients.Tell(tell, configuration, error))
            .Build());
    }

    public IAdminClient Client { get; }

    /// <summary>The ids of those topics that have one. A broker older than 2.8 has none.</summary>
    public async Task<Dictionary<string, string>> TopicIdsAsync(IEnumerable<string> topics)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var topic in await DescribeAsync(topics, withRights: false).ConfigureAwait(false))
        {
            if (!topic.Error.IsError && topic.TopicId is { } id && (id.MostSignificantBits | id.LeastSignificantBits) != 0) ids[topic.Name] = id.ToString();
        }

        return ids;
    }

    /// <summary>Describes topics; those with an error are among the results.</summary>
    public async Task<List<TopicDescription>> DescribeAsync(IEnumerable<string> topics, bool withRights)
    {
        var names = topics.Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return [];
        var options = new DescribeTopicsOptions { RequestTimeout = timeout, IncludeAuthorizedOperations = withRights };
        try
        {
            return (await CallAsync(() => Client.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), options)).ConfigureAwait(false)).TopicDescriptions;
        }
        catch (DescribeTopicsException failure)
        {
            return failure.Results.TopicDescriptions;
        }
    }

    /// <summary>The first offset of each partition and the one above its last.</summary>
    public Task<Dictionary<TopicPartition, (long Low, long High)>> OffsetsAsync(IReadOnlyCollection<TopicPartition> partitions) => CallAsync(async () =>
    {
        var lows = await ListAsync(partitions, OffsetSpec.Earliest()).ConfigureAwait(false);
        var highs = await ListAsync(partitions, OffsetSpec.Latest()).ConfigureAwait(false);
        return partitions.ToDictionary(p => p, p => (lows[p], highs[p]));
    });

    /// <summary>Frees the client, after the last call that is under way: one that met a freed client would end the process.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed) return;
            isDisposed = true;
            if (running > 0) return;
        }

        Client.Dispose();
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            running++;
        }

        try
        {
            return await call().ConfigureAwait(false);
        }
        finally
        {
            bool isLast;
            lock (gate) isLast = --running == 0 && isDisposed;

            // Not on this thread, which may be the client's own.
            if (isLast) _ = Task.Run(Client.Dispose);
        }
    }

    private async Task<Dictionary<TopicPartition, long>> ListAsync(IEnumerable<TopicPartition> partitions, OffsetSpec which)
    {
        // The end that counts is the high watermark: a position may lie in a transaction that is still open.
        var options = new ListOffsetsOptions { RequestTimeout = timeout, IsolationLevel = IsolationLevel.ReadUncommitted };
        var result = await Client.ListOffsetsAsync(partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = p, OffsetSpec = which }), options).ConfigureAwait(false);
        return result.ResultInfos.ToDictionary(r => r.TopicPartitionOffsetError.TopicPartition, r => r.TopicPartitionOffsetError.Offset.Value);
    }
}
