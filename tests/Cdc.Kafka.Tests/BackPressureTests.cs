using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class BackPressureTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task A_loop_that_does_not_ask_pauses_fetching_within_the_budget_and_loses_nothing()
    {
        cluster.Create("t", 2);
        Topics.Fill(cluster.BootstrapServers, "t", 2, 2000, size: 1000);
        var options = Topics.Options(cluster.BootstrapServers, "g", "t");
        options.MaxBufferedBytes = 1 << 20;
        var mayAsk = false;
        await using var reading = new Reading(new KafkaChangeSource(options), mayAsk: () => Volatile.Read(ref mayAsk));
        await reading.WaitAsync(() => reading.Of(KafkaSourceEventKind.Paused).Any());
        var most = 0L;
        for (var until = Environment.TickCount64 + 1500; Environment.TickCount64 < until; await Task.Delay(20, TestContext.Current.CancellationToken)) most = Math.Max(most, reading.Source.BufferedBytes);

        // One message may stand above the budget.
        Assert.InRange(most, options.MaxBufferedBytes / 2, options.MaxBufferedBytes + 2000);
        Volatile.Write(ref mayAsk, true);
        await reading.WaitAsync(() => reading.Messages.Count >= 4000);
        Assert.NotEmpty(reading.Of(KafkaSourceEventKind.Resumed));
        foreach (var partition in reading.Messages.GroupBy(m => m.Partition)) Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), partition.Select(m => m.Offset));
    }

    [Fact]
    public async Task The_lag_is_what_the_end_is_ahead_of_the_durable_position_also_while_fetching_pauses()
    {
        cluster.Create("t", 2);
        Topics.Fill(cluster.BootstrapServers, "t", 2, 1000, size: 1500);
        var options = Topics.Options(cluster.BootstrapServers, "g", "t");
        options.MaxBufferedBytes = 1 << 20;
        var mayAsk = false;
        await using var reading = new Reading(new KafkaChangeSource(options), mayAsk: () => Volatile.Read(ref mayAsk));
        await reading.WaitAsync(() => reading.Of(KafkaSourceEventKind.Paused).Any());
        Topics.Fill(cluster.BootstrapServers, "t", 2, 500, 1000, size: 1500);

        await reading.WaitAsync(() => reading.Source.Lags.Sum(l => l.Messages) is > 2500 and <= 3000);
        Volatile.Write(ref mayAsk, true);
        await reading.WaitAsync(() => reading.Messages.Count == 3000 && reading.Source.Lags is [{ Topic: "t", Messages: 0 }, { Topic: "t", Messages: 0 }]);
    }

    [Fact]
    public async Task A_trickle_of_messages_does_not_grow_a_batch_for_each()
    {
        cluster.Create("t");
        Topics.Fill(cluster.BootstrapServers, "t", 1, 1);
        var mayAsk = true;
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")), mayAsk: () => Volatile.Read(ref mayAsk));
        await reading.WaitAsync(() => reading.Messages.Count == 1);
        Volatile.Write(ref mayAsk, false);
        for (var i = 1; i < 30; i++) Topics.Fill(cluster.BootstrapServers, "t", 1, 1, i);
        await reading.WaitAsync(() => reading.Source.BufferedBytes > 29 * 128);
        var before = reading.Batches;
        Volatile.Write(ref mayAsk, true);
        await reading.WaitAsync(() => reading.Messages.Count == 30);
        Assert.InRange(reading.Batches - before, 1, 4);
    }

    [Fact]
    public async Task A_loop_that_blocks_longer_than_the_poll_interval_keeps_its_partitions()
    {
        cluster.Create("t", 2);
        Topics.Fill(cluster.BootstrapServers, "t", 2, 10);
        var options = Topics.Options(cluster.BootstrapServers, "g", "t");
        options.SessionTimeout = TimeSpan.FromSeconds(2);
        options.Configuration["max.poll.interval.ms"] = "2000";
        var mayAsk = false;
        await using var reading = new Reading(new KafkaChangeSource(options), commits: false, mayAsk: () => Volatile.Read(ref mayAsk));
        await reading.WaitAsync(() => reading.Of(KafkaSourceEventKind.Assigned).Any());
        await Task.Delay(6000, TestContext.Current.CancellationToken);
        Volatile.Write(ref mayAsk, true);
        await reading.WaitAsync(() => reading.Messages.Count == 20);
        Assert.Empty(reading.Of(KafkaSourceEventKind.Revoked).Concat(reading.Of(KafkaSourceEventKind.Lost)));
        Assert.DoesNotContain(reading.Events, e => e.Message.Contains("MaxPoll", StringComparison.Ordinal));
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 10)], TestContext.Current.CancellationToken);
        Assert.Equal(10, Topics.Committed(cluster.BootstrapServers, "g", "t", 2)[0]);
    }
}
