using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cdc.Hosting.Internal;

/// <summary>What was taken of one table since the last flush.</summary>
internal sealed class TakenChanges
{
    private const int MostTimes = 1 << 16;
    private static readonly (ChangeOperation Operation, string Name)[] Operations =
    [
        (ChangeOperation.Insert, "insert"), (ChangeOperation.Update, "update"), (ChangeOperation.Delete, "delete"), (ChangeOperation.Read, "snapshot"), (ChangeOperation.Truncate, "truncate"),
    ];

    private readonly long[] counts = new long[(int)ChangeOperation.Truncate + 1];
    private readonly List<long> times = [];
    private long lastTime;

    public void Add(ChangeEvent change, bool withTimes)
    {
        counts[(int)change.Operation]++;
        var time = change.SourceTimestamp;

        // The changes of one transaction have one time.
        if (!withTimes || time <= 0 || time == lastTime || times.Count == MostTimes) return;
        lastTime = time;
        times.Add(time);
    }

    public void RecordLatency(Histogram<double> latency, DateTimeOffset now, in TagList tags)
    {
        foreach (var time in times) latency.Record(StatusBoard.Age(time, now).TotalSeconds, tags);
    }

    public void CountAndClear(Counter<long> events, RunObserver observer, TableId table)
    {
        foreach (var (operation, name) in Operations)
        {
            if (counts[(int)operation] is > 0 and var count) events.Add(count, observer.Tags(RunObserver.Tag(TelemetryNames.Table, table.ToString()), RunObserver.Tag(TelemetryNames.Operation, name)));
        }

        Array.Clear(counts);
        times.Clear();
        lastTime = 0;
    }
}
