namespace Cdc.Debezium.Tests;

public sealed class KeyTests
{
    private const string UnchangedText = "\"__debezium_unavailable_value\"";

    [Theory]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"p.s.t.Key"},"payload":{"id":1}}""")]
    public void The_insert_of_a_changed_key_knows_the_old_one(string header)
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":2}""", Feed.Envelope("c", "null", $$"""{"id":2,"v":{{UnchangedText}}}"""), ("__debezium.oldkey", header));
        Assert.Equal("""{"id":1}""", Feed.Json(feed.Change.OldKey));
        Assert.Equal(CellState.Unavailable, feed.Change.After.GetState(1));
    }

    [Theory]
    [InlineData("Struct{id=1}")]
    [InlineData("[1]")]
    [InlineData("""{"id":""")]
    [InlineData("""{"other":1}""")]
    public void A_header_that_cannot_be_read_is_passed_over(string header)
    {
        var feed = Feed.Plain();
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":2}""", Feed.Envelope("c", "null", """{"id":2}"""), ("__debezium.oldkey", header)));
        Assert.False(feed.Change.OldKey.IsPresent);
    }

    [Fact]
    public void What_looks_like_the_placeholder_survives_in_an_insert_and_not_in_an_update()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":2}""", Feed.Envelope("c", "null", $$"""{"id":2,"v":{{UnchangedText}}}"""));
        Assert.Equal(CellState.Value, feed.Change.After.GetState(1));
        feed.Read("""{"id":2}""", Feed.Envelope("r", "null", $$"""{"id":2,"v":{{UnchangedText}}}"""));
        Assert.Equal(CellState.Value, feed.Change.After.GetState(1));
        feed.Read("""{"id":2}""", Feed.Envelope("u", "null", $$"""{"id":2,"v":{{UnchangedText}}}"""));
        Assert.Equal(CellState.Unavailable, feed.Change.After.GetState(1));
    }

    [Theory]
    [InlineData("""{"id":0}""", """{"id":0,"code":"c2","v":null}""", true)]
    [InlineData("""{"id":0}""", """{"id":0,"code":"","v":null}""", false)]
    [InlineData("""{"id":7}""", """{"id":7,"code":"c2","v":"x"}""", false)]
    [InlineData("""{"id":7}""", """{"id":7,"code":"","v":null}""", false)]
    public void A_delete_whose_key_looks_made_up_is_refused(string key, string before, bool refused)
    {
        var feed = new Feed(new DebeziumReader(null, Feed.Catalog("id", ("id", "integer"), ("code", "text"), ("v", "text"))));
        if (!refused)
        {
            Assert.Equal(MessageKind.Change, feed.Read(key, Feed.Envelope("d", before, "null")));
            return;
        }

        var refusal = Assert.Throws<ValueRefusedException>(() => feed.Read(key, Feed.Envelope("d", before, "null")));
        Assert.Equal((RefusalReason.Key, "id"), (refusal.Reason, refusal.Column));
        Assert.Equal(MessageKind.Tombstone, feed.Read(key, null));
    }

    [Theory]
    [InlineData(ReplicaIdentity.Full, "c2", false)]
    [InlineData(ReplicaIdentity.Default, "c2", false)]
    [InlineData(ReplicaIdentity.Index, "", true)]
    public void A_told_identity_decides_what_a_delete_is_worth(ReplicaIdentity identity, string code, bool refused)
    {
        var options = new DebeziumOptions { ReplicaIdentities = { ["s.t"] = identity } };
        var feed = new Feed(new DebeziumReader(options, Feed.Catalog("id", ("id", "integer"), ("code", "text"))));
        var read = Record.Exception(() => feed.Read("""{"id":0}""", Feed.Envelope("d", $$"""{"id":0,"code":"{{code}}"}""", "null")));
        Assert.Equal(refused, read is ValueRefusedException);
    }

    [Fact]
    public void Without_a_key_the_catalogs_columns_are_the_key()
    {
        var feed = Feed.Plain();
        feed.Read(null, Feed.Envelope("d", """{"id":5,"v":"x"}""", "null"));
        Assert.Equal("""{"id":5}""", Feed.Json(feed.Change.Key));
        feed.Read(null, Feed.Envelope("c", "null", """{"v":"x","id":6}"""));
        Assert.Equal("""{"id":6}""", Feed.Json(feed.Change.Key));
        var keyless = new Feed(new DebeziumReader(null, Feed.Catalog("", ("id", "integer"))));
        keyless.Read(null, Feed.Envelope("c", "null", """{"id":6}"""));
        Assert.Empty(keyless.Change.Shape.Key);
        Assert.Equal(MessageKind.Tombstone, keyless.Read(null, null));
    }

    [Fact]
    public void Keys_are_matched_by_name_in_the_order_first_seen_and_keep_nulls_and_structs()
    {
        var feed = Feed.Plain(("a", "integer"), ("b", "numeric"), ("v", "text"));
        feed.Read("""{"b":{"scale":1,"value":"Dw=="},"a":null}""", Feed.Envelope("c", "null", """{"a":null,"b":{"scale":1,"value":"Dw=="},"v":"x"}"""));
        Assert.Equal("""{"b":1.5,"a":null}""", Feed.Json(feed.Change.Key));
        Assert.Equal(CellState.Null, feed.Change.Key.GetState(1));
        feed.Read("""{"a":2,"b":{"scale":1,"value":"Dw=="}}""", Feed.Envelope("c", "null", """{"a":2,"b":{"scale":1,"value":"Dw=="},"v":"x"}"""));
        Assert.Equal("""{"b":1.5,"a":2}""", Feed.Json(feed.Change.Key));
    }

    [Theory]
    [InlineData("Struct{id=1}", "JsonConverter")]
    [InlineData("17", "JsonConverter")]
    [InlineData("""{"id":1,"id":2}""", "twice")]
    [InlineData("""{"id":1}}""", "follows")]
    public void A_key_that_is_no_json_object_names_the_converter(string key, string hint)
    {
        var feed = Feed.Plain();
        var failure = Assert.Throws<ChangeFormatException>(() => feed.Read(key, Feed.Envelope("c", "null", """{"id":1}""")));
        Assert.Contains(hint, failure.Message);
        Assert.StartsWith("key ", failure.Path);
    }
}
