using Cdc.Kafka.Internal;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Kafka.Tests;

public sealed class StartPositionTests
{
    [Theory]
    [InlineData(null, null, 5, null)]
    [InlineData(20L, null, 20, null)]
    [InlineData(null, 20L, 20, "state")]
    [InlineData(20L, 20L, 20, "state")]
    [InlineData(20L, 12L, 12, "state")]
    [InlineData(12L, 20L, 12, null)]
    [InlineData(5L, null, 5, null)]
    [InlineData(30L, 30L, 30, "state")]
    public void It_starts_at_the_lower_of_what_is_known_and_else_at_the_first_message(long? committed, long? ledger, long start, string? state) =>
        Assert.Equal(new StartPosition(start, state, null, false), Decide(committed, ledger));

    [Theory]
    [InlineData(4L, null, KafkaStopReason.Gap)]
    [InlineData(null, 4L, KafkaStopReason.Gap)]
    [InlineData(20L, 4L, KafkaStopReason.Gap)]
    [InlineData(31L, null, KafkaStopReason.Truncated)]
    [InlineData(31L, 31L, KafkaStopReason.Truncated)]
    public void Missing_messages_stop_the_topic_by_name_or_start_it_over_at_the_first_message(long? committed, long? ledger, KafkaStopReason reason)
    {
        var stops = Decide(committed, ledger);
        Assert.True(stops.Stops);
        Assert.Equal(reason, stops.Problem!.Reason);
        Assert.Contains("StartOver", stops.Problem.Explanation, StringComparison.Ordinal);
        var over = Decide(committed, ledger, policy: KafkaTopicPolicy.StartOver);
        Assert.False(over.Stops);
        Assert.Equal((5L, null, reason), (over.Offset, over.State, over.Problem!.Reason));
    }

    [Fact]
    public void Another_topic_id_than_the_ledgers_is_a_topic_created_anew_even_where_the_offsets_fit()
    {
        Assert.Equal(KafkaStopReason.Recreated, Decide(20, 20, topicId: "other").Problem!.Reason);
        Assert.Null(Decide(20, 20, topicId: "").Problem);
    }

    [Fact]
    public void Whatever_is_known_nothing_that_is_not_durable_is_left_out_in_silence() => Check.QuickThrowOnFailure(Prop.ForAll(
        (from low in Gen.Choose(0, 50)
         from length in Gen.Choose(0, 50)
         from committed in Gen.Choose(-1, 110)
         from ledger in Gen.Choose(-1, 110)
         select (low, high: low + length, committed, ledger)).ToArbitrary(),
        c =>
        {
            long? committed = c.committed < 0 ? null : c.committed;
            long? ledger = c.ledger < 0 ? null : c.ledger;
            var start = Decide(committed, ledger, c.low, c.high);
            var durable = Math.Min(committed ?? long.MaxValue, ledger ?? long.MaxValue);
            if (start.Problem is null) return start.Offset <= durable && start.Offset >= c.low && start.Offset <= c.high;
            return start.Problem.Reason == KafkaStopReason.Gap ? durable < c.low : durable > c.high;
        }));

    private static StartPosition Decide(long? committed, long? ledger, long low = 5, long high = 30, string topicId = "id", KafkaTopicPolicy policy = KafkaTopicPolicy.Stop)
    {
        var options = new KafkaSourceOptions { OnGap = policy, OnNewTopic = policy };
        var entry = ledger is { } position ? new LedgerEntry(new Checkpoint("t", 0, position), "id", "state") : null;
        return StartPosition.Decide("t", 0, topicId, low, high, committed, entry, options);
    }
}
