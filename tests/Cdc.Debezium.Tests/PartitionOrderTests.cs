namespace Cdc.Debezium.Tests;

public sealed class PartitionOrderTests
{
    private static readonly DebeziumOptions Tombstones = new() { Flattened = true };

    [Fact]
    public void A_tombstone_after_its_own_delete_is_no_change()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("d", """{"id":1,"v":null}""", "null"));
        Assert.Equal(MessageKind.Tombstone, feed.Read("""{"id":1}""", null));
        feed.Offset--;
        Assert.Equal(MessageKind.Tombstone, feed.Read("""{"id":1}""", null));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("""{"schema":null,"payload":null}""")]
    [InlineData("""{"schema":{"type":"struct","fields":[],"optional":true,"name":"p.s.t.Value"},"payload":null}""")]
    public void A_lone_null_value_deletes_above_everything_before_it_in_its_partition(string? value)
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(500, 600)));
        feed.Read("""{"id":2}""", Feed.Envelope("c", "null", """{"id":2}""", Feed.At(300, 400)));
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":1}""", value));
        Assert.Equal(ChangeOperation.Delete, feed.Change.Operation);
        Assert.Equal(new RowVersion(0, 500, 600, RowVersion.TombstoneRank), feed.Change.Version);
        Assert.Equal("""{"id":1}""", Feed.Json(feed.Change.Key));
    }

    [Fact]
    public void A_lone_tombstone_delivered_again_does_not_rise_above_the_row_that_came_back()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(500, 600)));
        feed.Read("""{"id":1}""", null);
        var deleted = feed.Change.Version;
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(700, 800)));
        var reborn = feed.Change.Version;
        feed.Offset = 1;
        feed.Read("""{"id":1}""", null);
        Assert.Equal(deleted, feed.Change.Version);
        Assert.True(reborn > deleted);
    }

    [Fact]
    public void A_tombstone_without_anything_before_it_has_no_order()
    {
        var feed = new Feed(new DebeziumReader(Tombstones, Feed.Catalog())) { Offset = 7 };
        var failure = Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", null));
        Assert.Contains("earlier position", failure.Message);
        feed.Read("""{"id":2}""", """{"id":2,"v":"x","__source_sequence":"[\"1\",\"2\"]"}""");
        feed.Offset = 7;
        Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", null));
        Assert.Equal(MessageKind.Change, new Feed(new DebeziumReader(Tombstones, Feed.Catalog())).Read("""{"id":1}""", null));
    }

    [Fact]
    public void A_feed_that_is_told_to_be_envelopes_may_begin_with_the_tombstone_of_a_committed_delete()
    {
        var feed = new Feed(new DebeziumReader(new DebeziumOptions { Flattened = false }, Feed.Catalog())) { Offset = 7 };
        Assert.Equal(MessageKind.Tombstone, feed.Read("""{"id":1}""", null));
    }

    [Fact]
    public void What_was_forgotten_is_not_decided_otherwise()
    {
        var reader = new DebeziumReader(null, Feed.Catalog());
        var feed = new Feed(reader);
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}"""));
        feed.Read("""{"id":1}""", null);
        reader.Committed(new Checkpoint("p.s.t", 0, 2));
        feed.Offset = 1;
        Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", null));
    }

    [Fact]
    public void A_position_without_commit_after_one_with_it_begins_an_epoch_from_its_offset_on()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.At(null, 10)));
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(900, 950)));
        Assert.Equal(0, feed.Change.Version.Epoch);
        var old = feed.Change.Version;
        feed.Read("""{"id":1}""", Feed.Envelope("r", "null", """{"id":1}""", Feed.At(null, 5, snapshot: "first")));
        Assert.Equal(new RowVersion(1, 0, 0, 0), feed.Change.Version);
        Assert.True(feed.Change.Version > old);
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(20, 30)));
        Assert.Equal(new RowVersion(1, 20, 30, 8), feed.Change.Version);
        feed.Offset = 1;
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(900, 950)));
        Assert.Equal(old, feed.Change.Version);
    }

    [Fact]
    public void A_told_epoch_is_everywhere_and_nothing_is_detected()
    {
        var feed = new Feed(new DebeziumReader(new DebeziumOptions { Epoch = 9 }, Feed.Catalog()));
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(900, 950)));
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(20, 30, time: 5000)));
        Assert.Equal(new RowVersion(9, 20, 30, 8), feed.Change.Version);
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(null, 30, time: 5000)));
        Assert.Equal(9, feed.Change.Version.Epoch);
    }

    [Fact]
    public void A_log_that_goes_back_while_the_clock_goes_on_stops_the_table_again_and_again()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(900, 950, time: 1000)));
        for (var i = 0; i < 3; i++)
        {
            feed.Offset = 1;
            var stop = Assert.Throws<TableStoppedException>(() => feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(20, 30, time: 1001))));
            Assert.Contains("Epoch", stop.Message);
        }
    }

    [Fact]
    public void A_replay_of_the_connector_and_a_late_snapshot_row_are_no_log_going_back()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(800, 850, time: 2000)));
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(900, 950, time: 1990)));
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", Feed.At(800, 850, time: 2000)));
        feed.Read("""{"id":1}""", Feed.Envelope("r", "null", """{"id":1}""", Feed.At(700, 750, time: 3000, snapshot: "incremental")));
        Assert.Equal(700UL, feed.Change.Version.Commit);
    }

    [Fact]
    public void Other_connectors_and_missing_sequences_are_ordered_by_offset_and_say_so()
    {
        var feed = Feed.Plain();
        feed.Offset = 41;
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", """{"connector":"mysql","db":"s","table":"t","ts_ms":1}"""));
        Assert.Equal((VersionLayout.Offset, new RowVersion(0, 0, 41, 8)), (feed.Change.Shape.VersionLayout, feed.Change.Version));
        var strict = new Feed(new DebeziumReader(new DebeziumOptions { Versioning = VersionPolicy.Log }, Feed.Catalog()));
        Assert.Throws<ChangeFormatException>(() => strict.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1}""", """{"connector":"postgresql","schema":"s","table":"t"}""")));
    }
}
