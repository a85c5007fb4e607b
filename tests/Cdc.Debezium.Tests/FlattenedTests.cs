namespace Cdc.Debezium.Tests;

public sealed class FlattenedTests
{
    [Theory]
    [InlineData("c", ChangeOperation.Insert)]
    [InlineData("u", ChangeOperation.Update)]
    [InlineData("r", ChangeOperation.Read)]
    [InlineData("d", ChangeOperation.Delete)]
    public void The_added_operation_is_the_operation(string op, ChangeOperation expected)
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", $$"""{"id":1,"v":"x","__op":"{{op}}","__source_sequence":"[\"5\",\"6\"]","__source_ts_ms":7}""");
        Assert.Equal((expected, 5UL, 7000L), (feed.Change.Operation, feed.Change.Version.Commit, feed.Change.SourceTimestamp));
    }

    [Fact]
    public void A_rewritten_delete_is_a_delete_and_its_row_is_the_row_before()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", """{"id":1,"v":null,"__deleted":"true"}""");
        Assert.Equal(ChangeOperation.Delete, feed.Change.Operation);
        Assert.False(feed.Change.After.IsPresent);
        Assert.Equal("""{"id":1,"v":null}""", Feed.Json(feed.Change.Before));
        Assert.Equal(MessageKind.Tombstone, feed.Read("""{"id":1}""", null));
    }

    [Fact]
    public void Without_anything_added_a_row_is_an_update_in_the_order_of_arrival()
    {
        var feed = Feed.Plain();
        feed.Offset = 3;
        feed.Read("""{"id":1}""", """{"id":1,"v":"x"}""");
        Assert.Equal((ChangeOperation.Update, VersionLayout.Offset, 3UL), (feed.Change.Operation, feed.Change.Shape.VersionLayout, feed.Change.Version.Event));
        feed.Read("""{"id":1}""", "null");
        Assert.Equal((ChangeOperation.Delete, new RowVersion(0, 0, 4, 8)), (feed.Change.Operation, feed.Change.Version));
    }

    [Fact]
    public void Dropped_deletes_are_said()
    {
        Assert.Contains(Corpus.Reader("flatdropped").Warnings, warning => warning.Contains("stay in the target"));
        Assert.Empty(new DebeziumReader(new DebeziumOptions { Flattened = true }).Warnings);
    }

    [Fact]
    public void Another_prefix_and_columns_that_look_like_added_fields()
    {
        var options = new DebeziumOptions { Flattened = true, AddFieldsPrefix = "meta_" };
        var feed = new Feed(new DebeziumReader(options, Feed.Catalog("id", ("id", "integer"), ("meta_op", "text"))));
        feed.Read("""{"id":1}""", """{"id":1,"meta_op":"mine","meta_lsn":3,"meta_sequence":"[null,\"4\"]"}""");
        Assert.Equal("""{"id":1,"meta_op":"mine"}""", Feed.Json(feed.Change.After));
        Assert.Equal(4UL, feed.Change.Version.Event);
    }

    [Fact]
    public void Tables_of_one_topic_are_told_apart_by_added_fields()
    {
        var catalog = Feed.Catalog();
        catalog.Add(Corpus.Table("s.u", "id", ("id", "integer"), ("w", "text")));
        var feed = new Feed(new DebeziumReader(new DebeziumOptions { Flattened = true }, catalog), "all");
        for (var i = 0; i < 3; i++)
        {
            feed.Read("""{"id":1}""", """{"id":1,"v":"x","__op":"c","__schema":"s","__table":"t"}""");
            Assert.Equal("s.t", feed.Change.Shape.Table.ToString());
            feed.Read("""{"id":1}""", """{"id":1,"w":"y","__op":"c","__schema":"s","__table":"u"}""");
            Assert.Equal(("s.u", """{"id":1,"w":"y"}"""), (feed.Change.Shape.Table.ToString(), Feed.Json(feed.Change.After)));
        }

        Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", null));
    }

    [Fact]
    public void A_flattened_table_with_columns_named_schema_and_payload_is_not_unwrapped()
    {
        var feed = Feed.Plain(("id", "integer"), ("schema", "text"), ("payload", "text"));
        feed.Read("""{"id":1}""", """{"schema":"public","payload":"x"}""");
        Assert.Equal("""{"schema":"public","payload":"x"} id:Absent""", Feed.Json(feed.Change.After));
    }

    [Fact]
    public void A_topic_that_turns_from_envelopes_to_flattened_rows_keeps_both_apart()
    {
        var reader = new DebeziumReader(null, Feed.Catalog());
        var feed = new Feed(reader);
        for (var i = 0; i < 3; i++)
        {
            feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"v":"x"}"""));
            Assert.Equal(ChangeOperation.Insert, feed.Change.Operation);
            feed.Read("""{"id":1}""", """{"id":1,"v":null,"__deleted":"true","__db":"d","__schema":"s","__table":"t","__source_sequence":"[\"100\",\"300\"]"}""");
            Assert.Equal((ChangeOperation.Delete, 300UL), (feed.Change.Operation, feed.Change.Version.Event));
        }

        Assert.Empty(reader.Warnings);
    }
}
