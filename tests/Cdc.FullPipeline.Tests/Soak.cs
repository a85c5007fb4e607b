using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>Watches a run for minutes: what it applied, how far it was behind, what memory it took.</summary>
internal sealed class Soak(SampleProcess sample)
{
    private const long Growth = 64 << 20;
    private readonly List<long> memory = [];
    private readonly List<double> lags = [];
    private TimeSpan lasted;
    private long applied;

    public static long Memory(SampleProcess sample)
    {
        using var process = Process.GetProcessById(sample.Id);
        return process.WorkingSet64;
    }

    public async Task RunAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var before = Applied(await sample.StatusAsync());
        while (clock.Elapsed < time)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            var status = await sample.StatusAsync();
            memory.Add(Memory(sample));
            if (status.GetProperty("lagSeconds") is { ValueKind: JsonValueKind.Number } lag) lags.Add(lag.GetDouble());
        }

        applied += Applied(await sample.StatusAsync()) - before;
        lasted += clock.Elapsed;
    }

    /// <summary>Memory that still grows in the last third of the time would end the process one day.</summary>
    public void AssertSteady()
    {
        var third = memory.Count / 3;
        var (middle, last) = (memory[third..(2 * third)].Max(), memory[(2 * third)..].Max());
        lags.Sort();
        var figures = string.Create(CultureInfo.InvariantCulture, $"{applied / lasted.TotalSeconds:N0} rows/s applied over {lasted.TotalMinutes:0.0} min, lag p50 {lags[lags.Count / 2]:0.0} s, p95 {lags[lags.Count * 95 / 100]:0.0} s, max {lags[^1]:0.0} s; memory {memory[..third].Max() >> 20}, {middle >> 20}, {last >> 20} MiB");
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        Assert.True(last <= middle + Growth, $"Memory grows: {figures}");
    }

    /// <summary>The rows written to ClickHouse so far.</summary>
    public static long Applied(JsonElement status) => status.GetProperty("tables").EnumerateArray().Sum(t => t.GetProperty("applied").GetInt64());
}
