namespace Cdc.Debezium.Tests;

/// <summary>What a reader must know to go on where another stopped.</summary>
public sealed class ReaderStateTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("flattombstone")]
    [InlineData("flat")]
    public void A_reader_that_goes_on_anywhere_gives_the_versions_that_the_first_would_have_given(string name)
    {
        foreach (var partition in Corpus.Messages(name).GroupBy(m => (m.Topic, m.Partition)))
        {
            var messages = partition.ToList();
            var expected = Versions(Corpus.Reader(name), messages);
            for (var cut = 1; cut < messages.Count; cut += Math.Max(1, messages.Count / 20))
            {
                var first = Corpus.Reader(name);
                Versions(first, messages[..cut]);
                var second = Corpus.Reader(name);
                second.RestoreState(new Checkpoint(partition.Key.Topic, partition.Key.Partition, messages[cut].Offset), first.SaveState(partition.Key.Topic, partition.Key.Partition));

                Assert.Equal(expected[cut..], Versions(second, messages[cut..]));
            }
        }
    }

    [Fact]
    public void The_epoch_goes_with_the_state_and_no_key_is_in_it()
    {
        var reader = new DebeziumReader(null, Feed.Catalog());
        var feed = new Feed(reader);
        feed.Read("""{"id":424242}""", Feed.Envelope("c", "null", """{"id":424242}""", Feed.At(500, 600)));
        feed.Read("""{"id":424242}""", Feed.Envelope("c", "null", """{"id":424242}""", Feed.At(null, 10)));
        Assert.Equal(1, feed.Change.Version.Epoch);
        feed.Read("""{"id":424242}""", Feed.Envelope("d", """{"id":424242}""", "null", Feed.At(20, 30)));
        var state = reader.SaveState("p.s.t", 0)!;

        var next = new DebeziumReader(null, Feed.Catalog());
        next.RestoreState(new Checkpoint("p.s.t", 0, 3), state);
        var rest = new Feed(next) { Offset = 3 };

        Assert.DoesNotContain("424242", state, StringComparison.Ordinal);
        Assert.Equal(MessageKind.Tombstone, rest.Read("""{"id":424242}""", null));
        rest.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(40, 50)));
        Assert.Equal(new RowVersion(1, 40, 50, RowVersion.ChangeRank), rest.Change.Version);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void A_partition_of_which_nothing_is_known_takes_its_epoch_from_the_others(bool isNewTopic, byte epoch)
    {
        var reader = new DebeziumReader(null, Feed.Catalog());
        var feed = new Feed(reader);
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(500, 600)));
        var before = reader.SaveState("p.s.t", 0)!;
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(null, 10)));

        var next = new DebeziumReader(null, Feed.Catalog());
        next.RestoreState(new Checkpoint("p.s.t", 0, 0), next.DeriveState([before, reader.SaveState("p.s.t", 0)!], isNewTopic));
        var rest = new Feed(next);
        rest.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(5, 6)));

        Assert.Equal(epoch, rest.Change.Version.Epoch);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2;0;;;;")]
    [InlineData("1;x;;;;")]
    [InlineData("1;0;;;;!")]
    public void What_is_no_state_is_refused_by_name(string state)
    {
        var failure = Assert.Throws<ChangeFormatException>(() => new DebeziumReader().RestoreState(new Checkpoint("p.s.t", 1, 7), state));

        Assert.Contains("p.s.t, partition 1, offset 7", failure.Message, StringComparison.Ordinal);
    }

    private static List<(MessageKind Kind, RowVersion Version)> Versions(DebeziumReader reader, List<SourceMessage> messages)
    {
        var versions = new List<(MessageKind, RowVersion)>();
        var change = new ChangeEvent();
        foreach (var message in messages)
        {
            try
            {
                var kind = reader.Read(in message, change);
                versions.Add((kind, kind == MessageKind.Change ? change.Version : default));
            }
            catch (CdcException failure) when (failure is ChangeFormatException or ValueRefusedException)
            {
                versions.Add(((MessageKind)(-1), default));
            }
        }

        return versions;
    }
}
