using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>The sample, run as its user runs it: a process with arguments, a page and Ctrl-C.</summary>
public sealed class SampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5); // the first run on a machine fetches the engine
    private readonly Process process = new();
    private readonly ConcurrentQueue<string> said = new();
    private readonly ConcurrentQueue<string> complained = new();
    private readonly TaskCompletionSource<Uri> page = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient http = new();

    private SampleProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        // A test run in the background inherits an ignored SIGINT, which a terminal's never is.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--default-signal=INT", "dotnet", Repository.SampleAssembly, .. arguments]) start.ArgumentList.Add(argument);
        // Without being told the sample uses no Kafka, wherever the tests run.
        foreach (var name in (string[])["KAFKA_BOOTSTRAP", "CONNECT_URL", "POSTGRES_URL", "PIPELINE_ID", "CDC_USER", "CDC_PASSWORD", "JSON_SCHEMAS"]) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        process.StartInfo = start;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(complained, line.Data);
        process.Exited += (_, _) => page.TrySetException(new InvalidOperationException("The sample ended before it had a page."));
    }

    public string Errors => string.Join('\n', complained);

    public string Output => string.Join('\n', said);

    public HttpClient Http => http;

    /// <summary>The engine's process; none when CLICKHOUSE_URL names a server.</summary>
    public IReadOnlyList<int> Children =>
        [.. File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    public static SampleProcess Start(params string[] arguments) => Start(null, arguments);

    public static SampleProcess Start(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var sample = new SampleProcess(arguments, environment);
        sample.process.Start();
        sample.process.BeginOutputReadLine();
        sample.process.BeginErrorReadLine();
        return sample;
    }

    /// <summary>Starts the sample with its recorded capture on a free port and waits until its answers stand.</summary>
    public static async Task<SampleProcess> StartReadyAsync(string folder, params string[] more)
    {
        var sample = Start(["--port", "0", "--recorded", "--data", folder, .. more]);
        await sample.UntilAsync("Ready");
        return sample;
    }

    public int Id => process.Id;

    /// <summary>A data folder that the account of PostgreSQL can reach.</summary>
    public static DirectoryInfo NewFolder(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return folder;
    }

    public async Task<JsonElement> StatusAsync()
    {
        try
        {
            using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri("status.json", UriKind.Relative)));
            return json.RootElement.Clone();
        }
        catch (HttpRequestException gone)
        {
            await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new InvalidOperationException($"The sample does not answer{(process.HasExited ? $", for it ended with {process.ExitCode}" : "")}.\n{Output}\n{Errors}", gone);
        }
    }

    /// <summary>Waits until the page can be asked.</summary>
    public async Task PageAsync() => http.BaseAddress ??= await page.Task.WaitAsync(Patience);

    public async Task UntilAsync(string state)
    {
        await PageAsync();
        var since = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited) Assert.Fail($"The sample ended: {Errors}");
            var now = (await StatusAsync()).GetProperty("state").GetString();
            if (now == state) return;
            if (now is "Attention" or "Failed" || since.Elapsed > Patience) Assert.Fail($"The sample is {now}, not {state}.\n{Output}\n{Errors}");
            await Task.Delay(100);
        }
    }

    /// <summary>Ctrl-C, and what it leaves.</summary>
    public Task<int> InterruptAsync() => SignalAsync("INT");

    public async Task<int> SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The sample does not end.\n{Output}\n{Errors}");
        }

        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        http.Dispose();
    }

    private void Hear(string? line)
    {
        Keep(said, line);
        const string Start = "The page is ";
        if (line?.StartsWith(Start, StringComparison.Ordinal) == true) page.TrySetResult(new Uri(line[Start.Length..].Split(' ')[0] + "/"));
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null) lines.Enqueue(line);
    }
}
