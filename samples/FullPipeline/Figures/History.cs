namespace FullPipeline;

/// <summary>A second of the charts. Times are in milliseconds; what was not measured is null.</summary>
public sealed record Point(
    long At, long Created, long Updated, long Deleted, long Read, long SourceRate, long LagEvents, double LagSeconds, long BatchRows, double? Flush50, double? Flush95,
    double? Latency50, double? Latency95, double? Latency99, double Megabytes)
{
    /// <summary>Changes a second.</summary>
    public long Rate => Created + Updated + Deleted + Read;
}

/// <summary>The last quarter of an hour, and who waits for the next second. Used from several threads.</summary>
internal sealed class History
{
    private const int Length = 900;
    private readonly Lock gate = new();
    private readonly Queue<Point> points = new(Length);
    private TaskCompletionSource changed = New();

    public IReadOnlyList<Point> Points
    {
        get
        {
            lock (gate) return [.. points];
        }
    }

    public Point? Last { get; private set; }

    /// <summary>Completes when there is another point.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    public void Add(Point point)
    {
        lock (gate)
        {
            if (points.Count == Length) points.Dequeue();
            points.Enqueue(point);
            Last = point;
        }

        Interlocked.Exchange(ref changed, New()).SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
