using System.Diagnostics;
using System.Globalization;
using Cdc.ClickHouse.Embedded;

namespace Cdc.Benchmarks;

/// <summary>What one stage cost.</summary>
/// <param name="Name">The stage.</param>
/// <param name="PerSecond">Rows or changes in a second.</param>
/// <param name="Memory">The most that this process held meanwhile, in bytes; 0 where another process worked.</param>
/// <param name="OwnMicroseconds">CPU of this process, a row.</param>
/// <param name="EngineMicroseconds">CPU of the engine's process, a row.</param>
/// <param name="Allocated">Bytes allocated a row.</param>
internal sealed record Measurement(string Name, double PerSecond, long Memory = 0, double OwnMicroseconds = 0, double EngineMicroseconds = 0, double Allocated = 0)
{
    /// <summary>Measures work of this process.</summary>
    /// <param name="name">The stage.</param>
    /// <param name="rows">How many rows it must bring.</param>
    /// <param name="engine">The engine that works beside it, or null.</param>
    /// <param name="stage">The work; it returns how many rows it brought.</param>
    /// <param name="mayRepeat">Whether rows may come twice.</param>
    public static async Task<Measurement> OfAsync(string name, int rows, EmbeddedClickHouse? engine, Func<Task<long>> stage, bool mayRepeat = false)
    {
        await Console.Error.WriteLineAsync(name);
        GC.Collect();
        await File.WriteAllTextAsync("/proc/self/clear_refs", "5"); // the peak begins anew
        var (own, other) = (OwnTime(), EngineTime(engine));
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var done = await stage();
        clock.Stop();
        if (mayRepeat ? done < rows : done != rows) throw new InvalidOperationException($"{name}: {done} of {rows} rows arrived.");
        return new Measurement(
            name, rows / clock.Elapsed.TotalSeconds, Peak(), (OwnTime() - own).TotalMicroseconds / rows, (EngineTime(engine) - other).TotalMicroseconds / rows,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)rows);
    }

    private static TimeSpan OwnTime() => Process.GetCurrentProcess().TotalProcessorTime;

    private static TimeSpan EngineTime(EmbeddedClickHouse? engine)
    {
        if (engine?.ProcessId is not { } id) return default;

        // utime and stime, in hundredths of a second, are the 14th and 15th fields.
        var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    // VmHWM:   123456 kB
    private static long Peak() =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
}
