using System.Text.Json;

namespace Cdc.Debezium.Tests;

public sealed class RowOrderTests
{
    [Theory]
    [InlineData("histories-2")]
    [InlineData("histories-3")]
    public void The_largest_version_of_each_row_is_the_sources_table_after_races_snapshots_and_crashes(string name)
    {
        var rows = Corpus.Messages(name);
        Check(name, Final(Corpus.Changes(Corpus.Reader(name), rows)));
    }

    [Fact]
    public void Messages_delivered_again_get_the_same_versions()
    {
        var messages = Corpus.Messages("flattombstone");
        var reader = Corpus.Reader("flattombstone");
        var first = Corpus.Changes(reader, messages).Select(change => (change.Topic, change.Offset, change.Version, change.Operation)).ToList();
        Assert.Equal(first, Corpus.Changes(reader, messages).Select(change => (change.Topic, change.Offset, change.Version, change.Operation)));
        Assert.Equal(first.TakeLast(100), Corpus.Changes(reader, messages.TakeLast(messages.Count)).Select(change => (change.Topic, change.Offset, change.Version, change.Operation)).TakeLast(100));
    }

    [Fact]
    public void The_order_of_arrival_alone_loses_rows_where_versions_do_not()
    {
        // The proof that the test above can fail: by arrival the crash's replay and the snapshots would win.
        var changes = Corpus.Changes(Corpus.Reader("histories-2"), Corpus.Messages("histories-2")).ToList();
        var byVersion = Final(changes);
        var byLsnAlone = Final(changes, change => new RowVersion(0, 0, change.Version.Event, change.Version.Rank));
        Assert.NotEqual(byVersion.Count(row => row.Value.Row is not null), byLsnAlone.Count(row => row.Value.Row is not null));
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void No_file_of_the_corpus_looks_like_another_incarnation_of_the_log(string name) =>
        Assert.All(Corpus.Changes(Corpus.Reader(name), Corpus.Messages(name)), change => Assert.Equal(0, change.Version.Epoch));

    public static TheoryData<string> AllNames => [.. Corpus.Names];

    [Fact]
    public void A_snapshot_row_loses_to_every_change_that_it_did_not_see()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("r", "null", """{"id":1,"v":"old"}""", Feed.At(500, 900, snapshot: "incremental")));
        Assert.Equal(new RowVersion(0, 500, 0, RowVersion.SnapshotRank), feed.Change.Version);
        Assert.True(feed.Change.IsSnapshot);
        feed.Read("""{"id":1}""", Feed.Envelope("u", "null", """{"id":1,"v":"new"}""", Feed.At(500, 850)));
        Assert.Equal(new RowVersion(0, 500, 850, RowVersion.ChangeRank), feed.Change.Version);
    }

    [Theory]
    [InlineData("""[null,\"7\"]""", 0, 7)]
    [InlineData("""[ null, \"7\"]""", 0, 7)]
    [InlineData("""[\"9007199254740993\",\"9007199254740995\"]""", 9007199254740993, 9007199254740995)]
    public void Log_positions_are_read_exactly(string sequence, ulong commit, ulong position)
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.Source.Replace("""[\"100\",\"200\"]""", sequence)));
        Assert.Equal(new RowVersion(0, commit, position, 8), feed.Change.Version);
    }

    [Theory]
    [InlineData("""[\"288230376151711744\",\"1\"]""")]
    [InlineData("""[\"1\",\"18446744073709551616\"]""")]
    [InlineData("""[\"-1\",\"1\"]""")]
    [InlineData("""[\"1\"]""")]
    [InlineData("""[\"1\",null]""")]
    [InlineData("nonsense")]
    public void A_sequence_that_fits_no_version_is_refused(string sequence)
    {
        var feed = Feed.Plain();
        var failure = Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1}""", Feed.Source.Replace("""[\"100\",\"200\"]""", sequence))));
        Assert.Equal("$.source.sequence", failure.Path);
    }

    private static Dictionary<string, (RowVersion Version, string? Row)> Final(IEnumerable<ChangeEvent> changes, Func<ChangeEvent, RowVersion>? version = null)
    {
        var rows = new Dictionary<string, (RowVersion Version, string? Row)>();
        foreach (var change in changes)
        {
            if (change.Operation == ChangeOperation.Truncate || !change.Key.IsPresent || change.Shape.Table.Schema != "h") continue;
            var key = $"{change.Shape.Table} {Feed.Canonical(change.Key)}";
            var at = version?.Invoke(change) ?? change.Version;
            if (rows.TryGetValue(key, out var known) && known.Version > at) continue;
            rows[key] = (at, change.Operation == ChangeOperation.Delete ? null : Feed.Canonical(change.After));
        }

        return rows;
    }

    private static void Check(string name, Dictionary<string, (RowVersion Version, string? Row)> rows)
    {
        foreach (var table in Corpus.Truth($"{name}.truth"))
        {
            var id = $"{table.GetProperty("schema")}.{table.GetProperty("table")}";
            if (!id.StartsWith("h.", StringComparison.Ordinal) || table.GetProperty("key").GetArrayLength() == 0 || id == "h.trunc") continue;
            var live = rows.Where(row => row.Key.StartsWith($"{id} ", StringComparison.Ordinal) && row.Value.Row is not null).Select(row => row.Value.Row!).ToList();
            var names = table.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()!).ToList();
            var truth = table.GetProperty("rows").EnumerateArray().Select(row => string.Join('|', row.EnumerateArray().Take(3).Select(value => value.ToString()))).Order(StringComparer.Ordinal);
            var found = live.Select(row => JsonDocument.Parse(row).RootElement).Select(row => string.Join('|', names.Take(3).Select(column => row.GetProperty(column).ToString()))).Order(StringComparer.Ordinal);
            Assert.Equal(truth, found);
        }
    }
}
