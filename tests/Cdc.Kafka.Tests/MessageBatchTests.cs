using Cdc.Kafka.Internal;

namespace Cdc.Kafka.Tests;

public sealed class MessageBatchTests
{
    [Fact]
    public void Messages_of_a_partition_that_went_before_the_loop_asked_are_left_out_and_do_not_count_as_delivered()
    {
        var (stays, goes) = (new PartitionState("t", 0, "", 5), new PartitionState("t", 1, "", 7));
        var batch = new MessageBatch();
        for (var i = 0; i < 100; i++)
        {
            batch.Add(stays, new SourceMessage("t", 0, 5 + i, batch.Copy([1, 2]), batch.Copy([3])), 0);
            batch.Add(goes, new SourceMessage("t", 1, 7 + i, batch.Copy([4]), batch.Copy([5])), 0);
        }

        goes.Disown();
        batch.HandOver([]);
        Assert.Equal(Enumerable.Range(5, 100).Select(o => (0, (long)o)), batch.Messages.ToArray().Select(m => (m.Partition, m.Offset)));
        Assert.Equal((105, 7), (stays.Delivered, goes.Delivered));
    }

    [Fact]
    public void What_is_told_of_an_earlier_assignment_does_not_count_for_the_present_one()
    {
        var known = new Dictionary<(string Topic, int Partition), PartitionState>();
        var (before, now) = (new PartitionState("t", 0, "", 0), new PartitionState("t", 0, "", 40));
        var first = new MessageBatch();
        first.Add(new PartitionChange(PartitionChangeKind.Assigned, new Checkpoint("t", 0, 0)), before);
        first.Add(before, new SourceMessage("t", 0, 90, [1], [2]), 0);
        first.HandOver(known);
        before.Disown();

        // The loop has not seen the present assignment yet when it tells of the earlier one.
        known[("t", 0)].SetDurable(91);
        Assert.False(now.TryGetUncommitted(out _));
        var second = new MessageBatch();
        second.Add(new PartitionChange(PartitionChangeKind.Assigned, new Checkpoint("t", 0, 40)), now);
        second.Add(now, new SourceMessage("t", 0, 40, [1], [2]), 0);
        second.HandOver(known);
        known[("t", 0)].SetDurable(91);
        Assert.True(now.TryGetUncommitted(out var position));
        Assert.Equal(41, position);
    }

    [Fact]
    public void Bytes_outlive_neither_more_nor_less_than_the_batch_whatever_their_size()
    {
        var batch = new MessageBatch();
        var random = new Random(1);
        for (var round = 0; round < 3; round++)
        {
            var expected = Enumerable.Range(0, 200).Select(i => i % 50 == 0 ? new byte[300_000] : new byte[random.Next(5000)]).ToList();
            expected.ForEach(random.NextBytes);
            var copies = expected.ConvertAll(e => batch.Copy(e));
            Assert.All(expected.Zip(copies), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second.Span)));
            batch.Clear();
            Assert.Equal(0, batch.Bytes);
        }
    }
}
