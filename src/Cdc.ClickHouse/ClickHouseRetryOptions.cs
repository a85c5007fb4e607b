namespace Cdc.ClickHouse;

/// <summary>How long the writer waits between two tries of one insert: decorrelated jitter between the two bounds. It never gives up by itself.</summary>
public sealed class ClickHouseRetryOptions
{
    /// <summary>The shortest wait. The default is 200 ms.</summary>
    public TimeSpan MinDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait. The default is 60 s; while no answer comes at all it is 5 s at most, so that the return of a server is soon seen.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(60);

    internal IEnumerable<string> Problems()
    {
        if (MinDelay <= TimeSpan.Zero) yield return $"Retry.{nameof(MinDelay)} is {MinDelay}; it must be positive";
        if (MaxDelay < MinDelay) yield return $"Retry.{nameof(MaxDelay)} is {MaxDelay}; it must be at least {nameof(MinDelay)}";
    }
}
