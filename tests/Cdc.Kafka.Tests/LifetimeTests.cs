using Microsoft.Extensions.Time.Testing;

namespace Cdc.Kafka.Tests;

public sealed class LifetimeTests(RealBroker broker) : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task An_idle_source_gives_an_empty_batch_every_second_of_its_clock()
    {
        cluster.Create("t");
        var time = new FakeTimeProvider();
        await using var source = new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t"), time: time);
        await using var batches = source.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await batches.MoveNextAsync());
        Assert.Single(batches.Current.Partitions);
        for (var i = 0; i < 3; i++)
        {
            var next = batches.MoveNextAsync().AsTask();
            Assert.False(next.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await next);
            Assert.Equal(0, batches.Current.Messages.Length);
            Assert.Empty(batches.Current.Partitions);
        }
    }

    [Fact]
    public async Task A_source_that_ends_leaves_the_group_so_that_the_next_need_not_wait_for_the_session()
    {
        var topic = Topics.NewName("leaves");
        await Topics.CreateAsync(broker.Servers, topic, 1);
        Topics.Fill(broker.Servers, topic, 1, 5);
        KafkaSourceOptions Patient()
        {
            var options = Topics.Options(broker.Servers, topic, topic);
            options.SessionTimeout = TimeSpan.FromMinutes(1);
            return options;
        }

        await using (var first = new Reading(new KafkaChangeSource(Patient()))) await first.WaitAsync(() => first.Messages.Count == 5);
        Topics.Fill(broker.Servers, topic, 1, 5, 5);
        await using var second = new Reading(new KafkaChangeSource(Patient()));
        await second.WaitAsync(() => second.Messages.Count == 5);
    }

    [Fact]
    public async Task A_source_is_read_once_and_disposing_one_that_was_never_read_is_nothing()
    {
        cluster.Create("t");
        await using var source = new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t"));
        await foreach (var _ in source.ReadAsync(TestContext.Current.CancellationToken)) break;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var _ in source.ReadAsync(TestContext.Current.CancellationToken)) break;
        });
        await new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")).DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_goes_and_comes_back_loses_nothing()
    {
        cluster.Create("t");
        Topics.Fill(cluster.BootstrapServers, "t", 1, 50);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")));
        await reading.WaitAsync(() => reading.Messages.Count == 50);
        cluster.SetDown();
        await reading.WaitAsync(() => reading.Of(KafkaSourceEventKind.Error).Any());
        cluster.SetUp();
        Topics.Fill(cluster.BootstrapServers, "t", 1, 50, 50);
        await reading.WaitAsync(() => reading.Messages.Select(m => m.Offset).Distinct().Count() == 100, 60);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), reading.Messages.Select(m => m.Offset).Distinct());
    }

    [Fact]
    public async Task A_listener_that_throws_ends_the_source_and_not_the_process()
    {
        cluster.Create("t");
        var source = new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t"));
        source.Happened += _ => throw new FormatException("listener");
        await using var reading = new Reading(source);
        var failure = await Assert.ThrowsAsync<KafkaSourceException>(() => reading.Done.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.IsType<FormatException>(failure.InnerException);
    }

    [Fact]
    public async Task A_message_can_be_read_again_while_the_source_runs_and_one_that_is_gone_is_null()
    {
        cluster.Create("t");
        Topics.Fill(cluster.BootstrapServers, "t", 1, 20);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")));
        await reading.WaitAsync(() => reading.Messages.Count == 20);
        var again = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => reading.Source.ReadAgainAsync(new Checkpoint("t", 0, i * 5), TestContext.Current.CancellationToken).AsTask()));
        Assert.Equal(["0:0", "0:5", "0:10", "0:15"], again.Select(m => System.Text.Encoding.UTF8.GetString(m!.Value.Value!.Value.Span)));
        cluster.DeleteRecords("t", 0, 10);
        Assert.Null(await reading.Source.ReadAgainAsync(new Checkpoint("t", 0, 3), TestContext.Current.CancellationToken));
        Assert.Null(await reading.Source.ReadAgainAsync(new Checkpoint("t", 0, 20), TestContext.Current.CancellationToken));
        Assert.NotNull(await reading.Source.ReadAgainAsync(new Checkpoint("t", 0, 19), TestContext.Current.CancellationToken));
    }
}
