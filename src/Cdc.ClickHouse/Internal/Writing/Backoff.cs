using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Decorrelated jitter: each wait is a random one between the shortest and three times the one before.</summary>
internal sealed class Backoff(ClickHouseRetryOptions options, TimeProvider time)
{
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    // Knocking at a door that nobody opens costs the server nothing, and whoever waits for its return wants to see it at once.
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(5);
    private readonly TimeSpan min = options.MinDelay;
    private readonly TimeSpan max = options.MaxDelay;
    private TimeSpan last = options.MinDelay;

    /// <param name="reason">What kind of failure it was.</param>
    /// <param name="isAway">Whether nobody answered.</param>
    /// <param name="asked">How long the server asks to be left alone, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(ErrorClass reason, bool isAway, TimeSpan? asked, CancellationToken cancellationToken) => Task.Delay(Next(reason, isAway, asked), time, cancellationToken);

    private TimeSpan Next(ErrorClass reason, bool isAway, TimeSpan? asked)
    {
        var longest = isAway && max > LongestAway ? TimeSpan.FromTicks(Math.Max(min.Ticks, LongestAway.Ticks)) : max;
        // What needs an operator is not hammered: its waits begin at a quarter of the longest.
        var low = reason == ErrorClass.Long ? TimeSpan.FromTicks(Math.Max(min.Ticks, max.Ticks / 4)) : min;
        var high = TimeSpan.FromTicks(Math.Clamp(last.Ticks * 3, low.Ticks, longest.Ticks));
        last = low + ((high - low) * Random.Shared.NextDouble());
        if (asked is not { } wanted || wanted <= last) return last;
        return wanted < LongestAsked ? wanted : LongestAsked;
    }
}
