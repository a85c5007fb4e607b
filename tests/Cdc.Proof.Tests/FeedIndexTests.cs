using Cdc.TestSupport;
using Xunit;

namespace Cdc.Proof.Tests;

/// <summary>The captures belong to their truth: which rows, columns and ends of rows were sent at all.</summary>
public sealed class FeedIndexTests
{
    public static TheoryData<string> Names => ["plain", "schema", "seed", "strings", "full", "flat", "flattombstone", "flatdropped", "routedall", "histories-2", "histories-3"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_row_of_the_source_has_a_message_that_left_it_there(string name)
    {
        var capture = Capture.Load(name);
        var without = new List<string>();
        foreach (var table in capture.Tables.Where(t => !t.Key.IsEmpty && t.ToString() != "ident.parted"))
        {
            var rows = capture.Feed.Rows(table).ToDictionary(r => r.Key, r => r.Messages);
            without.AddRange(table.Rows.Select(r => TruthTarget.KeyOf(table, r, capture.Mode)).Where(k => !rows.TryGetValue(k, out var messages) || messages[^1].IsDelete).Select(k => $"{table} {k}"));
        }

        Assert.Empty(without);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_truncates_an_index_as_identity_and_dropped_deletes_leave_rows_without_an_end(string name)
    {
        var capture = Capture.Load(name);
        string[] known = ["evo.trunc1", "evo.trunc2", "h.trunc", "ident.idx", "ident.parted"];
        var without = new List<string>();
        foreach (var table in capture.Tables.Where(t => !t.Key.IsEmpty && !known.Contains(t.ToString())))
        {
            var keys = table.Rows.Select(r => TruthTarget.KeyOf(table, r, capture.Mode)).ToHashSet();
            without.AddRange(capture.Feed.Rows(table).Where(r => !keys.Contains(r.Key) && !r.Messages[^1].IsDelete).Select(r => $"{table} {r.Key}"));
        }

        Assert.Equal(name == "flatdropped", without.Count > 0);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("schema")]
    [InlineData("strings")]
    [InlineData("full")]
    [InlineData("flat")]
    [InlineData("histories-2")]
    [InlineData("histories-3")]
    public void A_capture_of_everything_has_messages_of_every_table(string name) => Assert.Empty(Capture.Load(name).Missing);

    [Fact]
    public void A_mangled_column_name_is_repaired_and_another_is_left_alone()
    {
        Assert.Equal("ünï-cödé", FeedIndex.Repair("ￃﾼnￃﾯ-cￃﾶdￃﾩ"));
        Assert.Equal("ünï-cödé", FeedIndex.Repair("ünï-cödé"));
    }
}
