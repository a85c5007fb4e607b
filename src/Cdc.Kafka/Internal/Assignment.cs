using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>The partitions of this member: where they start, and what of them is stopped. Only the poll thread uses it.</summary>
internal sealed class Assignment(KafkaSourceOptions options, ILedger? ledger, ClusterView cluster, HandOver handOver, Committer committer, StoppedTopics stopped, Action<KafkaSourceEvent> tell)
{
    private readonly Dictionary<(string Topic, int Partition), PartitionState> partitions = [];
    private PartitionState? latest;

    public IEnumerable<string> Topics => partitions.Values.Where(p => p.IsOwned).Select(p => p.Topic).Distinct();

    /// <summary>Whether there are partitions and every one belongs to a stopped topic.</summary>
    public bool NothingIsLeft => partitions.Count > 0 && partitions.Values.All(p => !p.IsOwned);

    public IReadOnlyList<PartitionState> Owned => [.. partitions.Values.Where(p => p.IsOwned)];

    public IEnumerable<TopicPartition> Consumed => partitions.Values.Where(p => p.IsOwned).Select(Name);

    public IEnumerable<TopicPartition> NotConsumed => partitions.Values.Where(p => !p.IsOwned).Select(Name);

    public PartitionState? Find(string topic, int partition)
    {
        if (latest is { } last && last.Number == partition && last.Topic == topic) return last;
        return partitions.TryGetValue((topic, partition), out var found) ? latest = found : null;
    }

    /// <summary>Decides where the partitions start. It may ask the brokers and the ledger and take as long as a request may.</summary>
    /// <returns>Every partition with its start; one that is stopped gets the end, where nothing is fetched.</returns>
    public List<TopicPartitionOffset> Assign(Consumer consumer, List<TopicPartition> assigned)
    {
        if (assigned.Count == 0) return [];
        var starts = Decide(consumer, assigned);
        handOver.Publish();
        var result = new List<TopicPartitionOffset>(assigned.Count);
        foreach (var (partition, (start, topicId)) in starts)
        {
            Note(start);
            var state = new PartitionState(partition.Topic, partition.Partition.Value, topicId, start.Offset);
            partitions[(state.Topic, state.Number)] = state;
        }

        foreach (var (partition, (start, _)) in starts)
        {
            var state = partitions[(partition.Topic, partition.Partition.Value)];
            var isStopped = stopped.Contains(state.Topic);
            if (isStopped) state.Disown();
            else Announce(state, start.State);
            result.Add(new TopicPartitionOffset(partition, isStopped ? Offset.End : new Offset(start.Offset)));
        }

        handOver.Publish();
        latest = null;
        tell(new KafkaSourceEvent(KafkaSourceEventKind.Assigned, List(assigned)));
        return result;
    }

    /// <summary>Lets partitions go.</summary>
    public void Release(IEnumerable<TopicPartition> gone, KafkaSourceEventKind how)
    {
        var list = gone.ToList();
        foreach (var partition in list)
        {
            if (partitions.Remove((partition.Topic, partition.Partition.Value), out var state)) Withdraw(state);
        }

        handOver.Publish();
        latest = null;
        if (list.Count > 0) tell(new KafkaSourceEvent(how, List(list)));
    }

    public void ReleaseAll(KafkaSourceEventKind how) => Release([.. partitions.Values.Select(Name)], how);

    /// <summary>Stops a topic; its messages that the loop has not got yet are dropped.</summary>
    public void Stop(KafkaStoppedTopic problem)
    {
        if (!stopped.Add(problem)) return;
        foreach (var state in partitions.Values.Where(p => p.Topic == problem.Topic)) Withdraw(state);
        handOver.Publish();
        tell(new KafkaSourceEvent(KafkaSourceEventKind.Stopped, problem.Explanation));
    }

    /// <summary>Finds out why a partition cannot go on where it is, and stops its topic or starts the partition over.</summary>
    public void Recover(Consumer consumer, TopicPartition partition)
    {
        if (Find(partition.Topic, partition.Partition.Value) is not { IsOwned: true } state) return;
        var ids = Wait(cluster.TopicIdsAsync([state.Topic]));
        var (low, high) = Wait(cluster.OffsetsAsync([partition]))[partition];
        Recover(consumer, state, ids.GetValueOrDefault(state.Topic, ""), low, high);
    }

    /// <summary>Compares the topics' ids with those that were assigned.</summary>
    public void Compare(Consumer consumer, Dictionary<string, string> ids)
    {
        foreach (var state in partitions.Values.Where(p => p.IsOwned).ToList())
        {
            if (!state.IsOwned || state.TopicId.Length == 0 || !ids.TryGetValue(state.Topic, out var id) || id == state.TopicId) continue;
            var (low, high) = Wait(cluster.OffsetsAsync([Name(state)]))[Name(state)];
            Recover(consumer, state, id, low, high);
        }
    }

    private static TopicPartition Name(PartitionState state) => new(state.Topic, state.Number);

    private static string List(IEnumerable<TopicPartition> list) => string.Join(", ", list.Select(p => $"{p.Topic}/{p.Partition.Value}"));

    private T Wait<T>(Task<T> task) => task.WaitAsync(options.RequestTimeout * 2).GetAwaiter().GetResult();

    private void Recover(Consumer consumer, PartitionState state, string topicId, long low, long high)
    {
        // What was fetched here takes the ledger's place: this run may know more than it.
        var here = new LedgerEntry(new Checkpoint(state.Topic, state.Number, state.Next), state.TopicId, null);
        var start = StartPosition.Decide(state.Topic, state.Number, topicId, low, high, null, here, options);
        Note(start);
        if (stopped.Contains(state.Topic)) return;
        Withdraw(state);
        var fresh = new PartitionState(state.Topic, state.Number, topicId, start.Offset);
        consumer.IncrementalUnassign([Name(state)]);
        consumer.IncrementalAssign([new TopicPartitionOffset(Name(state), start.Offset)]);
        partitions[(state.Topic, state.Number)] = fresh;
        latest = null;
        Announce(fresh, null);
        handOver.Publish();
    }

    private List<(TopicPartition Partition, (StartPosition Start, string TopicId) Start)> Decide(Consumer consumer, List<TopicPartition> assigned)
    {
        var committed = consumer.Committed(assigned, options.RequestTimeout)
            .Where(o => o.Offset.Value >= 0).ToDictionary(o => o.TopicPartition, o => o.Offset.Value);
        var remembered = Remembered();
        var ids = Wait(cluster.TopicIdsAsync(assigned.Select(p => p.Topic)));
        var ends = Wait(cluster.OffsetsAsync(assigned));
        return assigned.ConvertAll(p =>
        {
            var id = ids.GetValueOrDefault(p.Topic, "");
            var (low, high) = ends[p];
            long? offset = committed.TryGetValue(p, out var known) ? known : null;
            return (p, (StartPosition.Decide(p.Topic, p.Partition.Value, id, low, high, offset, remembered.GetValueOrDefault((p.Topic, p.Partition.Value)), options), id));
        });
    }

    private Dictionary<(string, int), LedgerEntry> Remembered()
    {
        if (ledger is null) return [];
        using var timeout = new CancellationTokenSource(options.RequestTimeout);
        var entries = Wait(Task.Run(async () => await ledger.ReadAsync(timeout.Token).ConfigureAwait(false)));
        return entries.ToDictionary(e => (e.Partition.Topic, e.Partition.Partition));
    }

    private void Note(StartPosition start)
    {
        if (start.Problem is not { } problem) return;
        if (start.Stops) Stop(problem);
        else tell(new KafkaSourceEvent(KafkaSourceEventKind.StartedOver, $"{problem.Explanation}. It starts over at {start.Offset}"));
    }

    private void Announce(PartitionState state, string? readerState)
    {
        committer.Add(state);
        handOver.Filling.Add(new PartitionChange(PartitionChangeKind.Assigned, new Checkpoint(state.Topic, state.Number, state.Start), readerState, state.TopicId), state);
    }

    private void Withdraw(PartitionState state)
    {
        if (!state.IsOwned) return;
        state.Disown();
        committer.Remove(state);
        if (handOver.Filling.Count > 0) handOver.Publish();
        handOver.Filling.Add(new PartitionChange(PartitionChangeKind.Revoked, new Checkpoint(state.Topic, state.Number, state.Next)), null);
    }
}
