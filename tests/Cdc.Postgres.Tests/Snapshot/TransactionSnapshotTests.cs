using Cdc.Postgres.Internal.Snapshot;

namespace Cdc.Postgres.Tests.Snapshot;

public sealed class TransactionSnapshotTests
{
    [Theory]
    [InlineData("10:20:12,15", 9, true)]
    [InlineData("10:20:12,15", 12, false)]
    [InlineData("10:20:12,15", 13, true)]
    [InlineData("10:20:12,15", 19, true)]
    [InlineData("10:20:12,15", 20, false)]
    [InlineData("10:10:", 9, true)]
    [InlineData("10:10:", 10, false)]
    public void A_snapshot_sees_what_had_ended_below_its_xmax(string text, ulong transaction, bool seen)
    {
        Assert.Equal(seen, TransactionSnapshot.Parse(text).Sees(transaction));
        Assert.Equal(text, TransactionSnapshot.Parse(text).ToString());
    }

    [Theory]
    [InlineData("10:20:12", "10:20:12", true)]
    [InlineData("10:20:12", "10:20:12,15", true)]
    [InlineData("10:20:12,15", "10:20:12", false)]
    [InlineData("25:25:", "10:20:12", true)]
    [InlineData("10:18:", "10:20:18,19", true)]
    [InlineData("10:18:", "10:20:19", false)]
    [InlineData("10:18:", "18:18:", true)]
    [InlineData("10:30:17", "18:18:", false)]
    [InlineData("18:30:18", "18:18:", true)]
    public void A_snapshot_covers_another_when_it_sees_all_that_the_other_sees(string later, string earlier, bool covers) =>
        Assert.Equal(covers, TransactionSnapshot.Parse(later).Covers(TransactionSnapshot.Parse(earlier)));

    [Theory]
    [InlineData(4294967290UL, 4294967290u, 4294967290UL)]
    [InlineData(4294967300UL, 4294967290u, 4294967290UL)]
    [InlineData(4294967290UL, 3u, 4294967299UL)]
    [InlineData(8589934600UL, 5u, 8589934597UL)]
    public void The_32_bits_of_the_log_are_widened_across_the_wrap(ulong xmax, uint transaction, ulong full) =>
        Assert.Equal(full, TransactionSnapshot.Below(xmax).Widen(transaction));

    [Fact]
    public void A_commit_streamed_before_the_position_and_not_visible_yet_is_found()
    {
        var streamed = new StreamedTransactions();
        streamed.Begin(TransactionSnapshot.Below(10));
        streamed.Add(12, commit: 500);
        streamed.Add(13, commit: 700);
        Assert.Equal(12UL, streamed.FirstUnseen(TransactionSnapshot.Parse("12:14:12,13"), 600));
        Assert.Equal(0UL, streamed.FirstUnseen(TransactionSnapshot.Parse("13:14:13"), 600));
        Assert.Equal(12UL, streamed.FirstUnseen(TransactionSnapshot.Parse("12:12:"), 600));
        Assert.Equal(13UL, streamed.FirstUnseen(TransactionSnapshot.Parse("13:14:13"), 701));
    }

    [Fact]
    public void What_ran_before_the_stream_began_counts_as_streamed_until_it_is_seen_or_streamed_later()
    {
        var streamed = new StreamedTransactions();
        streamed.Begin(TransactionSnapshot.Parse("5:10:5,7"));
        Assert.Equal(5UL, streamed.FirstUnseen(TransactionSnapshot.Parse("5:20:5"), 600));
        streamed.Add(5, commit: 900);
        Assert.Equal(0UL, streamed.FirstUnseen(TransactionSnapshot.Parse("5:20:5"), 600));
        Assert.Equal(7UL, streamed.FirstUnseen(TransactionSnapshot.Parse("5:20:5,7"), 600));
        Assert.Equal(0UL, streamed.FirstUnseen(TransactionSnapshot.Parse("20:20:"), 600));
    }

    [Fact]
    public void Only_what_a_snapshot_sees_is_forgotten()
    {
        var streamed = new StreamedTransactions();
        for (var id = 1u; id <= 100_000; id++) streamed.Add(id, id * 10);
        Assert.True(streamed.IsFull);
        streamed.Forget(TransactionSnapshot.Parse("500:200000:500"));
        Assert.False(streamed.IsFull);
        Assert.Equal(500UL, streamed.FirstUnseen(TransactionSnapshot.Parse("500:200000:500"), 1_000_000));
    }
}
