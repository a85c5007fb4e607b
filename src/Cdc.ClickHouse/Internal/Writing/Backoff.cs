using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Decorrelated jitter: each wait is a random one between the shortest and three times the one before.</summary>
internal sealed class Backoff(ClickHouseRetryOptions options, TimeProvider time)
{
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);
    private readonly TimeSpan min = options.MinDelay;
    private readonly TimeSpan max = options.MaxDelay;
    private TimeSpan last = options.MinDelay;

    public Task WaitAsync(ErrorClass reason, TimeSpan? asked, CancellationToken cancellationToken) => Task.Delay(Next(reason, asked), time, cancellationToken);

    private TimeSpan Next(ErrorClass reason, TimeSpan? asked)
    {
        // What needs an operator is not hammered: its waits begin at a quarter of the longest.
        var low = reason == ErrorClass.Long ? TimeSpan.FromTicks(Math.Max(min.Ticks, max.Ticks / 4)) : min;
        var high = TimeSpan.FromTicks(Math.Clamp(last.Ticks * 3, low.Ticks, max.Ticks));
        last = low + ((high - low) * Random.Shared.NextDouble());
        if (asked is not { } wanted || wanted <= last) return last;
        return wanted < LongestAsked ? wanted : LongestAsked;
    }
}
