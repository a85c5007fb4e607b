namespace Cdc.TestSupport;

/// <summary>Counts what code allocates.</summary>
public static class Allocation
{
    private const int Rounds = 10;

    /// <summary>
    /// The fewest bytes that a round of the same work allocated on this thread. The runtime's own objects (tiers of compiled code) may fall on the thread in one
    /// round; what the work itself allocates is in every one.
    /// </summary>
    /// <param name="work">The work, already warm.</param>
    public static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
