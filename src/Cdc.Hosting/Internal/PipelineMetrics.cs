using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cdc.Hosting.Internal;

/// <summary>The instruments of the meter <c>Cdc</c>, and its traces. The README lists them.</summary>
internal sealed class PipelineMetrics
{
    public static readonly ActivitySource Activities = new("Cdc");

    private readonly Counter<long> messages;
    private readonly Counter<long> rows;
    private readonly Counter<long> bytes;
    private readonly Counter<long> inserts;
    private readonly Counter<long> superseded;
    private readonly Counter<long> fenced;
    private readonly Counter<long> deadLetters;
    private readonly Counter<long> restarts;
    private readonly Histogram<double> flushes;
    private readonly Histogram<double> latency;
    private readonly ConcurrentDictionary<string, Seen> seen = new(StringComparer.Ordinal);

    public PipelineMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Cdc");
        messages = meter.CreateCounter<long>("cdc.messages", "{message}", "Messages read.");
        rows = meter.CreateCounter<long>("cdc.rows.written", "{row}", "Rows that are durable in the target.");
        bytes = meter.CreateCounter<long>("cdc.bytes.written", "By", "Bytes sent to the target.");
        inserts = meter.CreateCounter<long>("cdc.inserts", "{request}", "Inserts that succeeded.");
        superseded = meter.CreateCounter<long>("cdc.rows.superseded", "{row}", "Rows left out because the target holds a newer version.");
        fenced = meter.CreateCounter<long>("cdc.rows.fenced", "{row}", "Rows left out because a truncate is newer.");
        deadLetters = meter.CreateCounter<long>("cdc.dead_letters", "{message}", "Messages among the dead letters.");
        restarts = meter.CreateCounter<long>("cdc.restarts", "{restart}", "Starts after a failure.");
        flushes = meter.CreateHistogram<double>("cdc.flush.duration", "s", "How long it took until everything taken was durable.", advice: Advice(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300));
        latency = meter.CreateHistogram<double>("cdc.end_to_end.latency", "s", "From the source's commit of the newest change of a flush to its being durable.", advice: Advice(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600));
        meter.CreateObservableGauge("cdc.source.lag_time", Lag, "s", "From the source's commit of the newest durable change to now.");
        meter.CreateObservableGauge("cdc.tables.stopped", Stopped, "{table}", "Tables that take no more changes until somebody acts.");
        meter.CreateObservableGauge("cdc.rows.held", Held, "{row}", "Changes that wait because their table is stopped.");
    }

    public void Flush(string pipeline, TimeSpan duration, string outcome) => flushes.Record(duration.TotalSeconds, Tag("pipeline", pipeline), Tag("outcome", outcome));

    public void Restarted(string pipeline) => restarts.Add(1, Tag("pipeline", pipeline));

    public void DeadLetter(string pipeline, DeadLetter letter) =>
        deadLetters.Add(1, Tag("pipeline", pipeline), Tag("table", letter.Table?.ToString() ?? letter.Position.Topic), Tag("reason", letter.Reason.ToString()));

    /// <summary>Adds what a report has more than the one before.</summary>
    public void Flushed(string pipeline, PipelineReport report, DateTimeOffset now)
    {
        var before = seen.GetOrAdd(pipeline, static _ => new Seen());
        lock (before)
        {
            messages.Add(report.Messages - before.Messages, Tag("pipeline", pipeline));
            before.Messages = report.Messages;
            foreach (var table in report.Tables)
            {
                var name = table.Table.ToString();
                var last = before.Tables.GetValueOrDefault(name);
                var next = new TableSeen(table.Applied, table.Bytes, table.Inserts, table.Superseded, table.Fenced, table.Held, table.NewestSourceTimestamp, table.Stopped is not null);
                before.Tables[name] = next;
                TagList tags = [Tag("pipeline", pipeline), Tag("table", name)];
                Add(rows, next.Rows - last.Rows, tags);
                Add(bytes, next.Bytes - last.Bytes, tags);
                Add(inserts, next.Inserts - last.Inserts, tags);
                Add(superseded, next.Superseded - last.Superseded, tags);
                Add(fenced, next.Fenced - last.Fenced, tags);
                if (next.Rows > last.Rows && next.Newest > 0) latency.Record(Math.Max(0, Seconds(now, next.Newest)), tags);
            }
        }
    }

    public void Forget(string pipeline) => seen.TryRemove(pipeline, out _);

    private static void Add(Counter<long> counter, long more, in TagList tags)
    {
        if (more > 0) counter.Add(more, tags);
    }

    private IEnumerable<Measurement<double>> Lag() => Observe<double>((table, tags) => table.Newest == 0 ? null : new Measurement<double>(Math.Max(0, Seconds(DateTimeOffset.UtcNow, table.Newest)), tags));

    private IEnumerable<Measurement<long>> Held() => Observe<long>((table, tags) => new Measurement<long>(table.Held, tags));

    private List<Measurement<long>> Stopped()
    {
        var measurements = new List<Measurement<long>>();
        foreach (var (pipeline, before) in seen)
        {
            lock (before) measurements.Add(new Measurement<long>(before.Tables.Values.Count(t => t.IsStopped), Tag("pipeline", pipeline)));
        }

        return measurements;
    }

    private List<Measurement<T>> Observe<T>(Func<TableSeen, KeyValuePair<string, object?>[], Measurement<T>?> measure)
        where T : struct
    {
        var measurements = new List<Measurement<T>>();
        foreach (var (pipeline, before) in seen)
        {
            lock (before)
            {
                foreach (var (name, table) in before.Tables)
                {
                    if (measure(table, [Tag("pipeline", pipeline), Tag("table", name)]) is { } measurement) measurements.Add(measurement);
                }
            }
        }

        return measurements;
    }

    private static double Seconds(DateTimeOffset now, long microseconds) => (now - DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)).TotalSeconds;

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);

    private static InstrumentAdvice<double> Advice(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private sealed class Seen
    {
        public long Messages { get; set; }

        public Dictionary<string, TableSeen> Tables { get; } = new(StringComparer.Ordinal);
    }

    private readonly record struct TableSeen(long Rows, long Bytes, long Inserts, long Superseded, long Fenced, long Held, long Newest, bool IsStopped);
}
