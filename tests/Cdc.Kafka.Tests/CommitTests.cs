using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class CommitTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    private string Servers => cluster.BootstrapServers;

    [Fact]
    public async Task Nothing_is_committed_that_was_not_told_not_even_when_the_source_ends()
    {
        cluster.Create("t", 2);
        Topics.Fill(Servers, "t", 2, 100);
        var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false);
        await using (reading)
        {
            await reading.WaitAsync(() => reading.Messages.Count == 200);
            await reading.Source.CommitAsync([new Checkpoint("t", 0, 42)], TestContext.Current.CancellationToken);
        }

        Assert.Equal(new Dictionary<int, long> { [0] = 42 }, Topics.Committed(Servers, "g", "t", 2));
    }

    [Fact]
    public async Task What_is_told_after_the_reading_was_cancelled_is_committed_too()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 100);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false);
        await reading.WaitAsync(() => reading.Messages.Count == 100);
        await reading.StopAsync();
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 77)], TestContext.Current.CancellationToken);
        Assert.Equal(77, Topics.Committed(Servers, "g", "t", 1)[0]);
    }

    [Fact]
    public async Task Never_more_is_committed_than_was_delivered_whatever_is_told()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 10);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false);
        await reading.WaitAsync(() => reading.Messages.Count == 10);
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 1000), new Checkpoint("foreign", 0, 5)], TestContext.Current.CancellationToken);
        Assert.Equal(10, Topics.Committed(Servers, "g", "t", 1)[0]);
    }

    [Theory]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    public async Task A_commit_that_fails_is_no_error_and_is_made_good_without_another_call(ErrorCode error)
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 10);
        var options = Topics.Options(Servers, "g", "t");
        options.SessionTimeout = TimeSpan.FromMinutes(1); // finding the coordinator again must not cost the partition here
        await using var reading = new Reading(new KafkaChangeSource(options), commits: false);
        await reading.WaitAsync(() => reading.Messages.Count == 10);
        cluster.Fail(MockCluster.Api.OffsetCommit, error, error);
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 10)], TestContext.Current.CancellationToken);
        await Eventually.IsAsync(() => Topics.Committed(Servers, "g", "t", 1).GetValueOrDefault(0) == 10, otherwise: () => string.Join(" | ", reading.Events));
        Assert.False(reading.Done.IsCompleted);
    }

    [Fact]
    public async Task What_was_told_and_not_committed_yet_is_committed_before_the_partition_goes()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 10);
        await using (var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false))
        {
            await reading.WaitAsync(() => reading.Messages.Count == 10);
            cluster.Fail(MockCluster.Api.OffsetCommit, ErrorCode.RebalanceInProgress);
            await reading.Source.CommitAsync([new Checkpoint("t", 0, 10)], TestContext.Current.CancellationToken);
        }

        Assert.Equal(10, Topics.Committed(Servers, "g", "t", 1)[0]);
    }

    [Fact]
    public async Task A_restart_goes_on_where_it_was_told()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 10);
        await using (var first = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false))
        {
            await first.WaitAsync(() => first.Messages.Count == 10);
            await first.Source.CommitAsync([new Checkpoint("t", 0, 6)], TestContext.Current.CancellationToken);
        }

        await using var second = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")));
        await second.WaitAsync(() => second.Messages.Count == 4);
        Assert.Equal([6L, 7, 8, 9], second.Messages.Select(m => m.Offset));
        Assert.Equal(new Checkpoint("t", 0, 6), second.Changes.First().Partition);
    }

    [Fact]
    public async Task Partitions_that_are_lost_are_not_committed_and_come_again_from_the_last_commit()
    {
        cluster.Create("t");
        Topics.Fill(Servers, "t", 1, 10);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(Servers, "g", "t")), commits: false);
        await reading.WaitAsync(() => reading.Messages.Count == 10);
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 4)], TestContext.Current.CancellationToken);

        // The broker has forgotten the member; the commit that is told meanwhile does not get through.
        cluster.Fail(MockCluster.Api.OffsetCommit, [.. Enumerable.Repeat(ErrorCode.UnknownMemberId, 3)]);
        cluster.Fail(MockCluster.Api.Heartbeat, ErrorCode.UnknownMemberId);
        await reading.Source.CommitAsync([new Checkpoint("t", 0, 8)], TestContext.Current.CancellationToken);
        await reading.WaitAsync(() => reading.Changes.Count == 3);
        Assert.Single(reading.Of(KafkaSourceEventKind.Lost));
        Assert.Empty(reading.Of(KafkaSourceEventKind.Revoked));
        Assert.Equal([PartitionChangeKind.Assigned, PartitionChangeKind.Revoked, PartitionChangeKind.Assigned], reading.Changes.Select(c => c.Kind));
        await reading.WaitAsync(() => reading.Messages.Count == 16);
        Assert.Equal([4L, 5, 6, 7, 8, 9], reading.Messages.Skip(10).Select(m => m.Offset));
    }
}
