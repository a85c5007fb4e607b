using System.Text;

namespace Cdc.Debezium.Tests;

public sealed class EnvelopeTests
{
    private const string Schema = """{"type":"struct","fields":[{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"default":"d\"d","field":"v"}],"optional":true,"name":"p.s.t.Value","field":"before"},{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"default":"d\"d","field":"v"}],"optional":true,"name":"p.s.t.Value","field":"after"}],"optional":false,"name":"p.s.t.Envelope"}""";
    private const string Row = """{"id":1,"v":"x"}""";

    [Theory]
    [InlineData("C", ChangeOperation.Insert)]
    [InlineData("u", ChangeOperation.Update)]
    [InlineData("R", ChangeOperation.Read)]
    public void Operations_are_read_in_any_case_and_before_may_be_missing(string op, ChangeOperation expected)
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", $$"""{"ts_ns":1,"op":"{{op}}","newThing":{"a":[1,{}]},"after":{{Row}},"source":{{Feed.Source}}}""");
        Assert.Equal((expected, Row), (feed.Change.Operation, Feed.Json(feed.Change.After)));
        Assert.False(feed.Change.Before.IsPresent);
        Assert.Equal(("p.s.t", 1_000_000L), (feed.Change.Topic, feed.Change.SourceTimestamp));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("cc")]
    [InlineData("")]
    public void An_unknown_operation_is_refused(string op)
    {
        var feed = Feed.Plain();
        Assert.Equal("$.op", Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", Feed.Envelope(op, "null", Row))).Path);
    }

    [Fact]
    public void Key_and_value_are_unwrapped_each_for_itself()
    {
        var wrapped = $$"""{"schema":{{Schema}},"payload":{{Feed.Envelope("c", "null", Row)}}}""";
        var feed = Feed.Plain();
        var without = new Feed(new DebeziumReader());
        foreach (var value in new[] { wrapped, $$""" { "payload" : {{Feed.Envelope("c", "null", Row)}} , "schema" : {{Schema}} } """, "\uFEFF" + wrapped, wrapped })
        {
            without.Read("""{"id":1}""", value);
            Assert.Equal(Row, Feed.Json(without.Change.After));
            Assert.Equal("d\"d", without.Change.Shape.DefaultCell(1).GetString());
        }

        feed.Read("""{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}]},"payload":{"id":1}}""", Feed.Envelope("c", "null", Row));
        Assert.Equal("""{"id":1}""", Feed.Json(feed.Change.Key));
    }

    [Fact]
    public void A_schema_that_changes_gives_a_shape_of_its_own_and_one_that_says_the_same_does_not()
    {
        var feed = new Feed(new DebeziumReader());
        var shapes = new List<TableShape>();
        foreach (var schema in new[] { Schema, Schema.Replace("\"optional\":false,\"name\"", "\"optional\":false,\"doc\":\"new\",\"name\""), Schema.Replace("int32", "int64"), Schema })
        {
            feed.Read("""{"id":1}""", $$"""{"schema":{{schema}},"payload":{{Feed.Envelope("c", "null", Row)}}}""");
            shapes.Add(feed.Change.Shape);
        }

        Assert.Same(shapes[0], shapes[1]);
        Assert.NotSame(shapes[0], shapes[2]);
        Assert.Same(shapes[0], shapes[3]);
    }

    [Fact]
    public void Columns_named_like_an_envelopes_members_are_columns()
    {
        var feed = Feed.Plain(("id", "integer"), ("op", "text"), ("before", "integer"), ("source", "text"));
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"op":"x","before":1,"source":"z"}"""));
        Assert.Equal("""{"id":1,"op":"x","before":1,"source":"z"}""", Feed.Json(feed.Change.After));
    }

    [Fact]
    public void Columns_that_are_missing_are_absent_and_unknown_ones_are_said_or_refused()
    {
        var reader = new DebeziumReader(null, Feed.Catalog());
        var feed = new Feed(reader);
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"new":[{"x":"}"}]}"""));
        Assert.Equal("""{"id":1} v:Absent""", Feed.Json(feed.Change.After));
        Assert.Equal(["s.t.new is in the messages but not in the catalog"], reader.Warnings);
        var strict = new Feed(new DebeziumReader(new DebeziumOptions { UnknownColumns = UnknownColumns.Refuse }, Feed.Catalog()));
        Assert.Equal("$.after.new", Assert.Throws<ChangeFormatException>(() => strict.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"new":1}"""))).Path);
    }

    [Fact]
    public void Without_schema_and_catalog_the_error_says_what_to_give()
    {
        var failure = Assert.Throws<TableStoppedException>(() => new Feed(new DebeziumReader()).Read("""{"id":1}""", Feed.Envelope("c", "null", Row)));
        Assert.Contains("--catalog", failure.Message);
        Assert.Contains("SourceCatalog", failure.Message);
        Assert.Contains("--connector", failure.Message);
    }

    [Theory]
    [InlineData("""{"serverName":"p"}""", """{"ts_ms":1755866295123}""", MessageKind.Heartbeat)]
    [InlineData("""{"id":"571"}""", """{"status":"END","id":"571","event_count":2,"data_collections":[],"ts_ms":1}""", MessageKind.Transaction)]
    [InlineData("""{"databaseName":"i"}""", """{"source":{"connector":"mysql"},"ts_ms":1,"databaseName":"i","schemaName":null,"ddl":"ALTER","tableChanges":[]}""", MessageKind.SchemaChange)]
    [InlineData(null, """{"id":"1","type":"COMPLETED","aggregate_type":"Initial Snapshot","additional_data":{},"timestamp":1}""", MessageKind.Notification)]
    [InlineData("""{"prefix":"a"}""", """{"op":"m","ts_ms":1,"source":{"connector":"postgresql"},"transaction":null,"message":{"prefix":"a","content":"eA=="}}""", MessageKind.LogicalMessage)]
    [InlineData("""{"serverName":"p"}""", """{"schema":{"type":"struct","fields":[],"name":"io.debezium.connector.common.Heartbeat"},"payload":{"ts_ms":1}}""", MessageKind.Heartbeat)]
    [InlineData(null, """{"schema":{"type":"struct","fields":[],"name":"io.debezium.connector.common.TransactionMetadataValue"},"payload":{"status":"BEGIN"}}""", MessageKind.Transaction)]
    public void Records_that_are_no_changes_are_known_by_their_content(string? key, string value, MessageKind expected)
    {
        var feed = new Feed(new DebeziumReader(null, Feed.Catalog()), "any");
        Assert.Equal(expected, feed.Read(key, value));
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":1}""", Feed.Envelope("c", "null", Row)));
        Assert.Equal(expected, feed.Read(key, value));
    }

    [Fact]
    public void Another_record_in_the_topic_of_a_flattened_table_is_not_taken_for_a_row()
    {
        var feed = Feed.Plain();
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":1}""", Row));
        Assert.Equal(MessageKind.Transaction, feed.Read("""{"id":"1"}""", """{"status":"END","id":"571","event_count":2,"data_collections":[],"ts_ms":1}"""));
        Assert.Equal(MessageKind.Heartbeat, feed.Read("""{"serverName":"p"}""", """{"ts_ms":1}"""));
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":1}""", """{"id":1,"new":2}"""));
    }

    [Fact]
    public void A_truncate_has_a_version_between_the_changes_around_it()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", Row));
        var shape = feed.Change.Shape;
        feed.Read(null, Feed.Envelope("t", "null", "null"));
        Assert.Equal((ChangeOperation.Truncate, new RowVersion(0, 100, 200, RowVersion.TruncateRank)), (feed.Change.Operation, feed.Change.Version));
        Assert.Same(shape, feed.Change.Shape);
    }

    [Fact]
    public void The_transaction_is_its_id_without_the_position()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", $$"""{"after":{{Row}},"source":{{Feed.Source}},"transaction":{"id":"571:166356280","total_order":1},"op":"c"}""");
        Assert.Equal("571", Encoding.UTF8.GetString(feed.Change.TransactionId.Span));
    }
}
