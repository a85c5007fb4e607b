using System.Diagnostics;
using System.Globalization;

namespace Cdc.Benchmarks.Postgres;

/// <summary>What one stage cost.</summary>
/// <param name="Name">The stage.</param>
/// <param name="PerSecond">Rows or changes in a second.</param>
/// <param name="Memory">The most that this process held meanwhile, in bytes; 0 where another process worked.</param>
/// <param name="Cpu">CPU of this process, in microseconds a row.</param>
/// <param name="Allocated">Bytes allocated a row.</param>
internal sealed record Measurement(string Name, double PerSecond, long Memory, double Cpu, double Allocated)
{
    /// <summary>Measures work of this process.</summary>
    /// <param name="name">The stage.</param>
    /// <param name="rows">How many rows it must bring.</param>
    /// <param name="stage">The work; it returns how many rows it brought.</param>
    public static async Task<Measurement> OfAsync(string name, int rows, Func<Task<long>> stage)
    {
        await Console.Error.WriteLineAsync(name);
        GC.Collect();
        await File.WriteAllTextAsync("/proc/self/clear_refs", "5"); // the peak begins anew
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var done = await stage();
        clock.Stop();
        if (done < rows) throw new InvalidOperationException($"{name}: {done} of {rows} rows arrived.");
        var peak = (await File.ReadAllLinesAsync("/proc/self/status")).First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        return new Measurement(
            name, rows / clock.Elapsed.TotalSeconds, long.Parse(peak, CultureInfo.InvariantCulture) * 1024, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / rows,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)rows);
    }

    /// <summary>Notes what another program took.</summary>
    public static Measurement Of(string name, int rows, TimeSpan time) => new(name, rows / time.TotalSeconds, 0, 0, 0);
}
