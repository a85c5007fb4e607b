using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Abstractions.Tests;

public class RowVersionTests
{
    [Fact]
    public void Parts_stand_at_the_bits_that_the_layout_names()
    {
        var version = new RowVersion(epoch: 3, commit: 5, eventPosition: 7, rank: 8);
        Assert.Equal((UInt128.One * 3 << 120) | (UInt128.One * 5 << 62) | (UInt128.One * 7 << 4) | 8, version.Value);
        Assert.Equal("3/5/7/8", version.ToString());
    }

    [Fact]
    public void Parts_come_back_and_order_as_a_tuple()
    {
        const ulong limit = RowVersion.PositionLimit;
        var parts = from epoch in ArbMap.Default.GeneratorFor<byte>()
                    from commit in ArbMap.Default.GeneratorFor<ulong>()
                    from position in ArbMap.Default.GeneratorFor<ulong>()
                    from rank in Gen.Choose(0, 15)
                    select (Epoch: epoch, Commit: commit % limit, Event: position % limit, Rank: rank);
        Prop.ForAll(Gen.Two(parts).ToArbitrary(), pair =>
        {
            var ((a, ac, ae, ar), (b, bc, be, br)) = pair;
            var left = new RowVersion(a, ac, ae, ar);
            var right = new RowVersion(b, bc, be, br);
            return (left.Epoch, left.Commit, left.Event, left.Rank) == (a, ac, ae, ar)
                && Math.Sign(left.CompareTo(right)) == Math.Sign((a, ac, ae, ar).CompareTo((b, bc, be, br)))
                && left < right == right > left;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(RowVersion.PositionLimit, 0ul, 0)]
    [InlineData(0ul, RowVersion.PositionLimit, 0)]
    [InlineData(0ul, 0ul, 16)]
    [InlineData(0ul, 0ul, -1)]
    public void A_part_that_does_not_fit_its_bits_is_refused(ulong commit, ulong position, int rank) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowVersion(0, commit, position, rank));
}
