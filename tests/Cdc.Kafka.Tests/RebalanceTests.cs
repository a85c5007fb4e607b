namespace Cdc.Kafka.Tests;

public sealed class RebalanceTests(RealBroker broker) : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Members_that_join_and_leave_lose_nothing_and_keep_the_order()
    {
        cluster.Create("t", 6);
        await RunAsync(() => Topics.Options(cluster.BootstrapServers, "g", "t"), cluster.BootstrapServers, "t");
    }

    [Theory]
    [InlineData(KafkaGroupProtocol.Classic)]
    [InlineData(KafkaGroupProtocol.Consumer)]
    public async Task Members_of_a_real_group_that_join_and_leave_lose_nothing_and_keep_the_order(KafkaGroupProtocol protocol)
    {
        var (topic, group) = (Topics.NewName("rebalance"), Topics.NewName("group"));
        await Topics.CreateAsync(broker.Servers, topic, 6);
        await RunAsync(() => Options(group, protocol, topic), broker.Servers, topic, group, isReal: true);
    }

    [Fact]
    public async Task A_new_partition_starts_at_its_first_message()
    {
        var (topic, group) = (Topics.NewName("grows"), Topics.NewName("group"));
        await Topics.CreateAsync(broker.Servers, topic, 1);
        Topics.Fill(broker.Servers, topic, 1, 5);
        await using var reading = new Reading(new KafkaChangeSource(Options(group, KafkaGroupProtocol.Classic, topic)));
        await reading.WaitAsync(() => reading.Messages.Count == 5);
        await Topics.GrowAsync(broker.Servers, topic, 3);
        Topics.Fill(broker.Servers, topic, 3, 5, 5);
        await reading.WaitAsync(() => reading.Messages.Count == 20, 60);
        Assert.Equal(0, reading.Messages.Where(m => m.Partition == 2).Min(m => m.Offset));
    }

    [Fact]
    public async Task Two_processes_with_one_instance_id_end_one_of_them_with_a_clear_reason()
    {
        var (topic, group) = (Topics.NewName("static"), Topics.NewName("group"));
        await Topics.CreateAsync(broker.Servers, topic, 1);
        Topics.Fill(broker.Servers, topic, 1, 5);
        KafkaSourceOptions Static()
        {
            var options = Options(group, KafkaGroupProtocol.Classic, topic);
            options.GroupInstanceId = "pod-0";
            return options;
        }

        await using var first = new Reading(new KafkaChangeSource(Static()));
        await first.WaitAsync(() => first.Messages.Count == 5);
        await using var second = new Reading(new KafkaChangeSource(Static()));
        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => first.Done.WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken));
        Assert.Contains("'pod-0'", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    private KafkaSourceOptions Options(string group, KafkaGroupProtocol protocol, string topic)
    {
        var options = Topics.Options(broker.Servers, group, topic);
        options.GroupProtocol = protocol;
        if (protocol == KafkaGroupProtocol.Consumer) options.Configuration.Remove("heartbeat.interval.ms");
        return options;
    }

    private static async Task RunAsync(Func<KafkaSourceOptions> options, string servers, string topic, string group = "g", bool isReal = false)
    {
        const int Partitions = 6;
        var (count, enough) = (0, false);
        var filling = Task.Run(() =>
        {
            while (!Volatile.Read(ref enough))
            {
                Topics.Fill(servers, topic, Partitions, 100, count);
                count += 100;
                Thread.Sleep(100);
            }
        });
        await using var stays = new Reading(new KafkaChangeSource(options()));
        await stays.WaitAsync(() => stays.Messages.Count > 100);
        var all = new List<Reading> { stays };
        for (var round = 0; round < 3; round++)
        {
            var comes = new Reading(new KafkaChangeSource(options()));
            all.Add(comes);
            await comes.WaitAsync(() => !comes.Messages.IsEmpty, 60);
            await comes.DisposeAsync();
        }

        Volatile.Write(ref enough, true);
        await filling;
        bool Complete() => all.SelectMany(r => r.Messages).Select(m => (m.Partition, m.Offset)).Distinct().Count() == Partitions * count;
        await stays.WaitAsync(Complete, 90);
        foreach (var reading in all)
        {
            // Within one assignment every offset comes once and in order; it begins where the change says.
            foreach (var partition in reading.Messages.GroupBy(m => m.Partition))
            {
                var starts = reading.Changes.Where(c => c.Kind == PartitionChangeKind.Assigned && c.Partition.Partition == partition.Key).Select(c => c.Partition.Position).ToHashSet();
                var expected = -1L;
                foreach (var message in partition)
                {
                    Assert.True(message.Offset == expected || starts.Contains(message.Offset), $"partition {partition.Key}: {message.Offset} came where {expected} was due");
                    expected = message.Offset + 1;
                }
            }

            Assert.Empty(reading.Of(KafkaSourceEventKind.Rebuilding));
        }

        await Eventually.IsAsync(() => Topics.Committed(servers, group, topic, Partitions).Values.Sum() == Partitions * count);

        // Whoever left had committed what it had applied, so that nobody applied it again (the mock broker refuses commits during a rebalance).
        var twice = all.SelectMany(r => r.Messages).Count() - (Partitions * count);
        if (isReal) Assert.InRange(twice, 0, Partitions * 100);
    }
}
