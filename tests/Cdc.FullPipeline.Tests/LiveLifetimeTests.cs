using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>What a live run leaves behind, and finds again.</summary>
public sealed class LiveLifetimeTests : IDisposable
{
    private readonly DirectoryInfo folder = SampleProcess.NewFolder("full-pipeline-life-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_or_interrupted_it_leaves_no_process_and_goes_on_where_it_was()
    {
        await using (var first = SampleProcess.Start("--port", "0", "--data", folder.FullName))
        {
            await StreamingAsync(first);
            Assert.True(Descendants(first).Count >= 3, "PostgreSQL's guard, PostgreSQL and the engine run");
            using var kill = Process.Start("kill", ["-KILL", first.Id.ToString(CultureInfo.InvariantCulture)]);
            await first.ExitAsync();
            await NoneLeftAsync();
        }

        await using var second = SampleProcess.Start("--port", "0", "--data", folder.FullName);
        var status = await StreamingAsync(second);
        Assert.True(status.GetProperty("tables").EnumerateArray().Single(t => t.GetProperty("name").GetString() == "sales").GetProperty("source").GetInt64() > 500, "the generator's changes of the first run are there");
        Assert.Equal(0, await second.InterruptAsync());
        Assert.Empty(second.Errors);
        await NoneLeftAsync();
    }

    private static async Task<JsonElement> StreamingAsync(SampleProcess sample)
    {
        await sample.PageAsync();
        return await LiveSample.UntilAsync(sample, s => s.GetProperty("state").GetString() == "Streaming" && LiveSample.IsEqualSince(s, DateTimeOffset.UnixEpoch), TimeSpan.FromMinutes(2), "it streams and everything is equal");
    }

    /// <summary>PostgreSQL, its guard and the engine have the data folder in their command lines.</summary>
    private async Task NoneLeftAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var left = Directory.GetDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Select(CommandLine).Where(c => c.Contains(folder.FullName, StringComparison.Ordinal)).ToList();
            if (left.Count == 0) return;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"still there: {string.Join('\n', left)}");
            await Task.Delay(100, Stop);
        }
    }

    private static List<int> Descendants(SampleProcess sample)
    {
        var parents = new Dictionary<int, int>();
        foreach (var process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out var id) && ReadOrNothing(Path.Combine(process, "stat")) is { Length: > 0 } stat) parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
        }

        var found = new List<int> { sample.Id };
        for (var i = 0; i < found.Count; i++) found.AddRange(parents.Where(p => p.Value == found[i]).Select(p => p.Key));
        return found[1..];
    }

    private static string CommandLine(string process) => ReadOrNothing(Path.Combine(process, "cmdline")).Replace('\0', ' ');

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }
}
