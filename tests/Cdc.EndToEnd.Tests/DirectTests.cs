using System.Diagnostics;
using System.Globalization;

namespace Cdc.EndToEnd.Tests;

/// <summary>PostgreSQL → this library → ClickHouse, nothing between, while the process and the server die.</summary>
[Collection("one at a time: they kill what they share")]
public sealed class DirectTests(RealParts stack, ITestOutputHelper output)
{
    private const int Writers = 6;
    private static readonly string[] Points = ["decode:150", "append:120", "half-body:1", "answered:1", "flush:1", "before-ledger:1", "before-commit:1", "after-commit:1"];

    // The long form: CDC_CHAOS_KILLS, half as many and for ten minutes at least.
    private static readonly string? Long = Environment.GetEnvironmentVariable("CDC_CHAOS_KILLS");

    private static int LeastKills => int.Parse(Long ?? "16", CultureInfo.InvariantCulture) / 2;

    private static TimeSpan LeastTime => Long is null ? TimeSpan.Zero : TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Whatever_dies_and_when_in_the_end_every_table_equals_the_source()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        var name = $"direct{Guid.NewGuid():N}"[..12];
        var letters = Path.Combine(Path.GetTempPath(), $"{name}.jsonl");
        var workloads = Enumerable.Range(0, Writers).Select(i => new Workload(stack.Postgres, name, i)).ToList();
        await workloads[0].CreateAsync();
        using var stop = new CancellationTokenSource();
        var writing = workloads.Select(w => Task.Run(() => w.RunAsync(stop.Token))).ToList();
        var random = new Random(3);
        var died = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        int kill = 0, restarts = 0;
        for (; kill < LeastKills || clock.Elapsed < LeastTime; kill++)
        {
            var point = kill % 4 == 3 ? "never:0" : Points[(kill - (kill / 4)) % Points.Length];
            using var process = PipelineProcess.Direct(stack, name, letters, point);
            if (kill % 10 == 5)
            {
                await stack.Postgres.RestartAsync();
                restarts++;
            }

            var byItself = await process.WaitOrKillAsync(point == "never:0" ? TimeSpan.FromMilliseconds(random.Next(1000, Long is null ? 5000 : 20000)) : TimeSpan.FromSeconds(20));
            var what = byItself ? point.Split(':')[0] : "at random";
            died[what] = died.GetValueOrDefault(what) + 1;
        }

        var lasted = clock.Elapsed;
        await stop.CancelAsync();
        await Task.WhenAll(writing);
        using var last = PipelineProcess.Direct(stack, name, letters);
        await workloads[0].AssertEqualAsync(stack, last, TimeSpan.FromMinutes(2));
        await last.KillAsync();
        output.WriteLine($"{kill} kills ({string.Join(", ", died.Select(d => $"{d.Value} {d.Key}"))}), {workloads.Sum(w => w.Statements)} statements by {Writers} writers, {restarts} restarts of PostgreSQL, {lasted.TotalSeconds:F0} s");
        Assert.True(died.Keys.Count > 3, "the named points were passed");
        await stack.Postgres.ExecuteAsync($"SELECT pg_drop_replication_slot('{name}')");
        File.Delete(letters);
    }
}
