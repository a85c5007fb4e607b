namespace Cdc.Debezium.Tests;

public sealed class CorpusReadingTests
{
    [Theory]
    [InlineData("plain", "Delete 66, Insert 2366, LogicalMessage 2, Read 854, Refused 2, Tombstone 68, Update 540")]
    [InlineData("schema", "Delete 66, Insert 2366, LogicalMessage 2, Read 854, Refused 2, Tombstone 68, Update 540")]
    [InlineData("strings", "Delete 66, Insert 2366, LogicalMessage 2, Read 854, Refused 2, Tombstone 68, Update 540")]
    [InlineData("seed", "Delete 17, Insert 300, LogicalMessage 2, Read 725, Update 183")]
    [InlineData("full", "Delete 66, Heartbeat 148, Insert 2366, LogicalMessage 2, Read 854, Refused 2, Tombstone 68, Transaction 198, Truncate 3, Update 540")]
    [InlineData("flat", "Delete 66, Insert 2366, LogicalMessage 2, Read 854, Refused 2, Update 540")]
    [InlineData("flattombstone", "Delete 46, Insert 328, LogicalMessage 2, Read 805, Tombstone 1, Update 330")]
    [InlineData("flatdropped", "Insert 328, LogicalMessage 2, Read 805, Update 330")]
    [InlineData("routedall", "Delete 20, Insert 304, LogicalMessage 2, Read 747, Tombstone 20, Update 295")]
    [InlineData("histories-2", "Delete 5810, Heartbeat 76, Insert 6646, Read 3749, Tombstone 5810, Truncate 1, Update 23037")]
    [InlineData("histories-3", "Delete 6260, Heartbeat 75, Insert 7118, Read 3695, Tombstone 6260, Truncate 1, Update 25020")]
    public void Every_message_of_the_corpus_is_read_for_what_it_is(string name, string expected)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var reader = Corpus.Reader(name);
        var change = new ChangeEvent();
        foreach (var message in Corpus.Messages(name))
        {
            string what;
            try
            {
                var kind = reader.Read(in message, change);
                what = kind == MessageKind.Change ? change.Operation.ToString() : kind.ToString();
            }
            catch (ValueRefusedException refusal)
            {
                Assert.Equal(("ident.idx", RefusalReason.Key, message.Offset), (refusal.Table.ToString(), refusal.Reason, refusal.Offset));
                what = "Refused";
            }

            counts[what] = counts.GetValueOrDefault(what) + 1;
        }

        Assert.Equal(expected, string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}")));
    }

    [Fact]
    public void A_feed_without_schema_says_the_same_as_one_with_it()
    {
        // evo.t changed its columns on the way: one catalog knows only the last of them. A generated column is in no schema block of the stream.
        var plain = Rows("plain");
        var schema = Rows("schema");
        Assert.Equal(schema.Count, plain.Count);
        for (var i = 0; i < plain.Count; i++) Assert.Equal(schema[i], plain[i]);
    }

    [Theory]
    [InlineData("plain", 31)]
    [InlineData("routedall", 6)]
    [InlineData("schema", 39)]
    public void Events_of_the_same_columns_share_one_shape(string name, int shapes) =>
        Assert.Equal(shapes, Corpus.Changes(Corpus.Reader(name), Corpus.Messages(name)).Select(change => change.Shape).Distinct(ReferenceEqualityComparer.Instance).Count());

    [Fact]
    public void Hostile_names_are_the_sources_own_even_where_the_stream_mangles_them()
    {
        var changes = Corpus.Changes(Corpus.Reader("schema"), Corpus.Messages("schema")).Where(change => change.Shape.Table.Schema == "We!rd Schema").ToList();
        Assert.All(changes, change => Assert.Equal(["Id", "select", "a b", "quote\"d", "ünï-cödé", "$dollar", "1st"], change.Shape.Columns.Select(column => column.Name)));
        Assert.Contains(changes, change => change.Operation == ChangeOperation.Update && change.After.GetState(4) == CellState.Value);
        Assert.All(Corpus.Changes(Corpus.Reader("flattombstone"), Corpus.Messages("flattombstone")), change => Assert.NotEmpty(change.Shape.Table.Schema));
    }

    [Fact]
    public void A_routers_field_is_no_column_of_the_key_unless_said_so()
    {
        var messages = Corpus.Messages("routedall");
        Assert.All(Corpus.Changes(Corpus.Reader("routedall"), messages), change => Assert.Single(change.Shape.Key));
        var options = Corpus.Options("routedall");
        options.KeepExtraKeyFields = true;
        var kept = Corpus.Changes(new DebeziumReader(options, Corpus.Catalog("routedall")), messages).First();
        Assert.Equal(["customer_id", "shard"], kept.Shape.Key.Select(column => column.Name));
        Assert.Equal("franco", kept.Key[1].GetString());
    }

    private static List<string> Rows(string name) =>
    [
        .. Corpus.Changes(Corpus.Reader(name), Corpus.Messages(name))
            .Where(change => change.Shape.Table is not { Schema: "evo", Name: "t" } and not { Schema: "types", Name: "arrays" or "ranges_geo" or "times" or "numbers" })
            .OrderBy(change => change.Shape.Table.ToString(), StringComparer.Ordinal).ThenBy(change => change.Offset)
            .Select(change => $"{change.Shape.Table} {change.Operation} {Feed.Canonical(change.Key)} {Feed.Canonical(change.OldKey)} {Feed.Canonical(change.Before)} {Feed.Canonical(change.After)}".Replace(" d_gen:Absent", "", StringComparison.Ordinal)),
    ];
}
