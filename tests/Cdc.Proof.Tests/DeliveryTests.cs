using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>The variants of delivery keep what Kafka keeps and nothing more.</summary>
public sealed class DeliveryTests
{
    private static readonly IReadOnlyList<SourceMessage> Messages = Corpus.Messages("seed");

    [Fact]
    public void The_corpus_holds_keys_values_tombstones_and_headers()
    {
        var plain = Corpus.Messages("plain");

        Assert.Equal(3898, plain.Length);
        Assert.Contains(plain, m => m.Value is null && m.Key is not null);
        Assert.Contains(plain, m => m.Key is null);
        Assert.Contains(plain, m => m.Headers!.Any(h => h.Name == "__debezium.newkey"));
    }

    [Fact]
    public void Interleaving_keeps_the_order_of_each_partition_and_changes_that_between_them()
    {
        var delivered = Delivery.Interleaved(1)(Messages);

        Assert.Equal(Messages.Count, delivered.Count);
        Assert.All(delivered.GroupBy(m => (m.Topic, m.Partition)), p => Assert.Equal(p.Select(m => m.Offset).Order(), p.Select(m => m.Offset)));
        Assert.NotEqual(Messages.Select(m => (m.Topic, m.Offset)), delivered.Select(m => (m.Topic, m.Offset)));
    }

    [Fact]
    public void Suffixes_come_again_and_first_deliveries_keep_their_order()
    {
        var delivered = Delivery.SuffixesAgain(2)(Messages);

        Assert.True(delivered.Count > Messages.Count);
        Assert.Equal(Messages.Select(m => (m.Topic, m.Offset)), delivered.Select(m => (m.Topic, m.Offset)).Distinct());
    }

    [Fact]
    public void Two_writers_together_get_everything_and_some_of_it_twice()
    {
        var (committed, zombie, successor) = Delivery.ForTwoWriters(Messages, 3, _ => true);

        Assert.Equal(Messages.Count, committed.Count + successor.Count);
        Assert.NotEmpty(zombie);
        Assert.All(zombie, m => Assert.Contains(successor, s => s.Topic == m.Topic && s.Offset == m.Offset));
    }

    [Fact]
    public void A_shuffle_keeps_only_what_it_is_told_to_keep()
    {
        var kept = Messages[0].Topic;
        var delivered = Delivery.Shuffled(4, m => m.Topic == kept)(Messages);

        Assert.Equal(Messages.Count(m => m.Value is not null), delivered.Count);
        var ofKept = delivered.Where(m => m.Topic == kept).Select(m => m.Offset).ToList();
        Assert.Equal(ofKept.Order(), ofKept);
        var others = delivered.Where(m => m.Topic != kept).Select(m => m.Offset).ToList();
        Assert.NotEqual(others.Order(), others);
    }
}
