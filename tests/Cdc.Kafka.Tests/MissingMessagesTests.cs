using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class MissingMessagesTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    private string Servers => cluster.BootstrapServers;

    [Fact]
    public async Task A_gap_stops_its_topic_by_name_and_no_other()
    {
        cluster.Create("lost");
        cluster.Create("well");
        Topics.Fill(Servers, "lost", 1, 20);
        Topics.Fill(Servers, "well", 1, 20);
        Topics.Commit(Servers, "g", "lost", 0, 5);
        cluster.DeleteRecords("lost", 0, 10);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "lost", "well")));
        await reading.WaitAsync(() => reading.Messages.Count >= 20 && reading.Source.Stopped.Count == 1);
        Topics.Fill(Servers, "lost", 1, 5, 20);
        Topics.Fill(Servers, "well", 1, 5, 20);
        await reading.WaitAsync(() => reading.Messages.Count >= 25);
        Assert.All(reading.Messages, m => Assert.Equal("well", m.Topic));
        var stopped = Assert.Single(reading.Source.Stopped);
        Assert.Equal(("lost", 0, KafkaStopReason.Gap), (stopped.Topic, stopped.Partition, stopped.Reason));
        Assert.Contains("offsets 5 to 9", stopped.Explanation, StringComparison.Ordinal);
        Assert.DoesNotContain(reading.Changes, c => c.Partition.Topic == "lost");
        Assert.Equal(5, Topics.Committed(Servers, "g", "lost", 1)[0]);
    }

    [Fact]
    public async Task A_gap_starts_over_at_the_first_message_when_told_so()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 20);
        Topics.Commit(Servers, "g", "t", 0, 5);
        cluster.DeleteRecords("t", 0, 10);
        var options = Topics.Options(Servers, "g", "t");
        options.OnGap = KafkaTopicPolicy.StartOver;
        await using var reading = new Reading(new KafkaChangeSource(options));
        await reading.WaitAsync(() => reading.Messages.Count == 10);
        Assert.Equal(10, reading.Messages.First().Offset);
        Assert.Single(reading.Of(KafkaSourceEventKind.StartedOver));
    }

    [Fact]
    public async Task A_position_above_the_end_stops_the_topic_and_a_source_without_any_other_says_why()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 20);
        Topics.Commit(Servers, "g", "t", 0, 500);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")));
        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => reading.Done.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(KafkaStopReason.Truncated, Assert.Single(failure.Stopped).Reason);
        Assert.Contains("OnNewTopic = StartOver", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
        Assert.Empty(reading.Messages);
    }

    [Theory]
    [InlineData(KafkaTopicPolicy.Stop)]
    [InlineData(KafkaTopicPolicy.StartOver)]
    public async Task A_gap_that_opens_while_a_loop_is_behind_is_noticed_too(KafkaTopicPolicy policy)
    {
        cluster.Create("t");
        cluster.Create("well");
        Topics.Fill(Servers, "t", 1, 3000, size: 1000);
        Topics.Fill(Servers, "well", 1, 1);
        var options = Topics.Options(Servers, "g", "t", "well");
        options.MaxBufferedBytes = 1 << 20;
        options.OnGap = policy;
        options.Configuration["fetch.max.bytes"] = "100000";
        options.Configuration["max.partition.fetch.bytes"] = "100000";
        options.Configuration["message.max.bytes"] = "100000";
        var mayAsk = false;
        await using var reading = new Reading(new KafkaChangeSource(options), mayAsk: () => Volatile.Read(ref mayAsk));
        await reading.WaitAsync(() => reading.Of(KafkaSourceEventKind.Paused).Any());
        cluster.DeleteRecords("t", 0, 2900);
        Volatile.Write(ref mayAsk, true);
        if (policy == KafkaTopicPolicy.Stop)
        {
            await reading.WaitAsync(() => reading.Source.Stopped.Any(s => s is { Topic: "t", Reason: KafkaStopReason.Gap }));
            await reading.WaitAsync(() => reading.Changes.Any(c => c.Kind == PartitionChangeKind.Revoked));
            Topics.Fill(Servers, "well", 1, 1, 1);
            await reading.WaitAsync(() => reading.Messages.Count(m => m.Topic == "well") == 2);
            Assert.DoesNotContain(reading.Messages, m => m.Topic == "t" && m.Offset >= 2900);
            return;
        }

        await reading.WaitAsync(() => reading.Messages.Any(m => m.Topic == "t" && m.Offset == 2999));
        var offsets = reading.Messages.Where(m => m.Topic == "t").Select(m => m.Offset).ToList();
        Assert.Equal(Enumerable.Range(2900, 100).Select(i => (long)i), offsets.Where(o => o >= 2900));
        Assert.Contains(reading.Changes, c => c is { Kind: PartitionChangeKind.Assigned, Partition: { Topic: "t", Position: 2900 } });
    }

    [Fact]
    public async Task A_message_above_the_limit_stops_its_topic_and_is_not_left_out()
    {
        cluster.Create("t");
        cluster.Create("well");
        Topics.Fill(Servers, "t", 1, 3);
        Topics.Fill(Servers, "t", 1, 1, 3, size: 5000);
        Topics.Fill(Servers, "well", 1, 3);
        var options = Topics.Options(Servers, "g", "t", "well");
        options.MaxMessageBytes = 4000;
        await using var reading = new Reading(new KafkaChangeSource(options));
        await reading.WaitAsync(() => reading.Source.Stopped.Count == 1 && reading.Messages.Count(m => m.Topic == "well") == 3);
        Assert.Equal(KafkaStopReason.MessageTooLarge, reading.Source.Stopped[0].Reason);
        Assert.Contains("offset 3", reading.Source.Stopped[0].Explanation, StringComparison.Ordinal);
        Assert.True(Topics.Committed(Servers, "g", "t", 1).GetValueOrDefault(0) <= 3);
    }
}
