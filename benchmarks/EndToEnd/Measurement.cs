using System.Diagnostics;
using System.Globalization;
using Cdc.ClickHouse.Embedded;

namespace Cdc.Benchmarks.EndToEnd;

/// <summary>What one stage cost.</summary>
internal sealed record Measurement(string Name, double RowsPerSecond, double OwnMicroseconds, double EngineMicroseconds, double Allocated)
{
    public static async Task<Measurement> OfAsync(string name, int rows, EmbeddedClickHouse? engine, Func<Task<int>> stage)
    {
        await Console.Error.WriteLineAsync(name);
        GC.Collect();
        var (own, other) = (Process.GetCurrentProcess().TotalProcessorTime, EngineTime(engine));
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var done = await stage();
        clock.Stop();
        if (done != rows) throw new InvalidOperationException($"{name}: {done} of {rows} rows arrived.");
        return new Measurement(
            name, rows / clock.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - own).TotalMicroseconds / rows, (EngineTime(engine) - other).TotalMicroseconds / rows,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)rows);
    }

    private static TimeSpan EngineTime(EmbeddedClickHouse? engine)
    {
        if (engine?.ProcessId is not { } id) return default;

        // utime and stime, in hundredths of a second, are the 14th and 15th fields.
        var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }
}
