using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

/// <summary>What needs a broker that gives topics ids.</summary>
public sealed class LedgerTests(RealBroker broker)
{
    [Fact]
    public async Task The_readers_state_comes_with_the_partition_only_where_the_ledger_is_where_it_starts()
    {
        var topic = await NewTopicAsync(2, 20);
        var ledger = new MemoryLedger();
        await using (var first = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic), ledger), commits: false))
        {
            await first.WaitAsync(() => first.Messages.Count == 40);
            var id = first.Changes.First().TopicId;
            Assert.NotEmpty(id);
            ledger.Entries = [new(new Checkpoint(topic, 0, 8), id, "eight"), new(new Checkpoint(topic, 1, 9), id, "nine")];
            await first.Source.CommitAsync([new Checkpoint(topic, 0, 12), new Checkpoint(topic, 1, 6)], TestContext.Current.CancellationToken);
        }

        await using var second = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic), ledger), commits: false);
        await second.WaitAsync(() => second.Messages.Count == 12 + 14);
        var starts = second.Changes.OrderBy(c => c.Partition.Partition).Select(c => (c.Partition.Position, c.State));
        Assert.Equal([(8, "eight"), (6, null)], starts);
    }

    [Fact]
    public async Task A_group_that_was_forgotten_goes_on_where_the_ledger_says()
    {
        var topic = await NewTopicAsync(1, 20);
        var ledger = new MemoryLedger { Entries = [new(new Checkpoint(topic, 0, 15), "", null)] };
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic), ledger));
        await reading.WaitAsync(() => reading.Messages.Count == 5);
        Assert.Equal(15, reading.Messages.First().Offset);
    }

    [Theory]
    [InlineData(KafkaTopicPolicy.Stop)]
    [InlineData(KafkaTopicPolicy.StartOver)]
    public async Task A_topic_created_anew_between_two_runs_is_noticed_by_its_id(KafkaTopicPolicy policy)
    {
        var topic = await NewTopicAsync(1, 20);
        var ledger = new MemoryLedger();
        await using (var first = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic), ledger)))
        {
            await first.WaitAsync(() => first.Messages.Count == 20);
            ledger.Entries = [new(new Checkpoint(topic, 0, 20), first.Changes.First().TopicId, "old")];
        }

        await Topics.DeleteAsync(broker.Servers, topic);
        await Topics.CreateAsync(broker.Servers, topic, 1);
        Topics.Fill(broker.Servers, topic, 1, 30);
        var options = Topics.Options(broker.Servers, topic, topic);
        options.OnNewTopic = policy;
        await using var second = new Reading(new KafkaChangeSource(options, ledger));
        if (policy == KafkaTopicPolicy.StartOver)
        {
            await second.WaitAsync(() => second.Messages.Count == 30);
            Assert.Equal((0, null), (second.Changes.First().Partition.Position, second.Changes.First().State));
            return;
        }

        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => second.Done.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(KafkaStopReason.Recreated, Assert.Single(failure.Stopped).Reason);
        Assert.Empty(second.Messages);
    }

    [Fact]
    public async Task A_topic_created_anew_under_a_running_source_stops_and_the_others_go_on()
    {
        var (topic, well) = (await NewTopicAsync(1, 20), await NewTopicAsync(1, 20));
        var options = Topics.Options(broker.Servers, topic, topic, well);
        options.TopicCheckInterval = TimeSpan.FromSeconds(1);
        await using var reading = new Reading(new KafkaChangeSource(options));
        await reading.WaitAsync(() => reading.Messages.Count == 40);
        await Topics.DeleteAsync(broker.Servers, topic);
        await Topics.CreateAsync(broker.Servers, topic, 1);
        await reading.WaitAsync(() => reading.Source.Stopped.Any(s => s.Topic == topic));
        Assert.Equal(KafkaStopReason.Recreated, reading.Source.Stopped[0].Reason);
        Topics.Fill(broker.Servers, topic, 1, 50);
        Topics.Fill(broker.Servers, well, 1, 5, 20);
        await reading.WaitAsync(() => reading.Messages.Count(m => m.Topic == well) == 25);
        Assert.Equal(20, reading.Messages.Count(m => m.Topic == topic));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_delivers_nothing_and_is_tried_again()
    {
        var topic = await NewTopicAsync(1, 20);
        var ledger = new MemoryLedger { Failures = 2 };
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic), ledger));
        await reading.WaitAsync(() => reading.Messages.Count == 20, 60);
        Assert.Equal(2, reading.Of(KafkaSourceEventKind.Rebuilding).Count());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), reading.Messages.Select(m => m.Offset));
    }

    [Fact]
    public async Task Aborted_transactions_are_not_delivered_and_their_offsets_are_no_gap()
    {
        var topic = await NewTopicAsync(1, 3);
        using (var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = broker.Servers, TransactionalId = topic }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(20));
            foreach (var commit in new[] { false, true })
            {
                producer.BeginTransaction();
                for (var i = 0; i < 3; i++) producer.Produce(new TopicPartition(topic, 0), new Message<byte[]?, byte[]?> { Value = commit ? "yes"u8.ToArray() : "no"u8.ToArray() });
                if (commit) producer.CommitTransaction();
                else producer.AbortTransaction();
            }
        }

        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(broker.Servers, topic, topic)));
        await reading.WaitAsync(() => reading.Messages.Count == 6);
        Assert.DoesNotContain(reading.Messages, m => m.Value == "no");
        Assert.Empty(reading.Source.Stopped);
        await Eventually.IsAsync(() => Topics.Committed(broker.Servers, topic, topic, 1).GetValueOrDefault(0) == reading.Messages.Max(m => m.Offset) + 1);
    }

    private async Task<string> NewTopicAsync(int partitions, int count)
    {
        var topic = Topics.NewName("ledger");
        await Topics.CreateAsync(broker.Servers, topic, partitions);
        Topics.Fill(broker.Servers, topic, partitions, count);
        return topic;
    }

    private sealed class Unreadable() : CdcException("the ledger is away")
    {
        public override bool IsTransient => true;
    }

    private sealed class MemoryLedger : ILedger
    {
        public IReadOnlyList<LedgerEntry> Entries { get; set; } = [];

        public int Failures { get; set; }

        public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) =>
            Failures-- > 0 ? ValueTask.FromException<IReadOnlyList<LedgerEntry>>(new Unreadable()) : ValueTask.FromResult(Entries);

        public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
        {
            Entries = entries;
            return ValueTask.CompletedTask;
        }
    }
}
