using System.Diagnostics.Metrics;

namespace FullPipeline;

/// <summary>Listens to the library's meter and sums it up second by second. Used from several threads.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private Dictionary<string, long> operations = [];
    private List<double> latencies = [];
    private List<double> flushes = [];
    private long batchRows;
    private long deadLetters;

    public Telemetry()
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Cdc" && instrument.Name is "cdc.events" or "cdc.batch.rows" or "cdc.batch.duration" or "cdc.end_to_end.latency" or "cdc.dead_letters") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(Count);
        listener.SetMeasurementEventCallback<double>(Measure);
        listener.Start();
    }

    public long DeadLetters => Interlocked.Read(ref deadLetters);

    /// <summary>What happened since the last call.</summary>
    public Second Take()
    {
        lock (gate)
        {
            var second = new Second(operations, batchRows, Percentiles.Of(flushes), Percentiles.Of(latencies));
            (operations, batchRows, flushes, latencies) = ([], 0, [], []);
            return second;
        }
    }

    public void Dispose() => listener.Dispose();

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        lock (gate)
        {
            if (instrument.Name == "cdc.dead_letters") deadLetters += value;
            else if (instrument.Name == "cdc.batch.rows") batchRows += value;
            else Add(Tag(tags, "op"), value);
        }
    }

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        lock (gate) (instrument.Name == "cdc.batch.duration" ? flushes : latencies).Add(value * 1000);
    }

    private void Add(string operation, long value) => operations[operation] = operations.GetValueOrDefault(operation) + value;

    private static string Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == key) return tag.Value?.ToString() ?? "";
        }

        return "";
    }
}

/// <summary>Three percentiles of what was measured, in milliseconds.</summary>
public readonly record struct Percentiles(double P50, double P95, double P99)
{
    /// <returns>Null when nothing was measured.</returns>
    public static Percentiles? Of(List<double> values)
    {
        if (values.Count == 0) return null;
        values.Sort();
        return new Percentiles(At(values, 0.5), At(values, 0.95), At(values, 0.99));
    }

    private static double At(List<double> sorted, double share) => Math.Round(sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)], 1);
}

/// <summary>What happened in a second.</summary>
internal sealed record Second(Dictionary<string, long> Operations, long BatchRows, Percentiles? Flush, Percentiles? Latency);
