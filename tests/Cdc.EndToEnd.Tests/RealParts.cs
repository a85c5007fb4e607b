using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.EndToEnd.Tests.RealParts))]

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// A real PostgreSQL, a real Kafka with Kafka Connect and Debezium, and the real ClickHouse engine. Kafka and Connect come from KAFKA_BOOTSTRAP
/// and CONNECT_URL, or from the script of the stack beside the checkout; where one part is missing the tests say which and skip.
/// </summary>
public sealed class RealParts : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private EmbeddedClickHouse? engine;
    private string? bootstrap;
    private string? connect;

    public string? Missing { get; private set; }

    public string Bootstrap => bootstrap!;

    public Uri ClickHouse => engine!.Endpoint;

    internal Postgres Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            (bootstrap, connect) = (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP"), Environment.GetEnvironmentVariable("CONNECT_URL"));
            if (bootstrap is null || connect is null) Missing = await StartKafkaAsync();
            if (Missing is not null) return;
            Postgres = new Postgres();
            Missing = await Postgres.StartAsync();
            if (Missing is null) engine = await EmbeddedClickHouse.StartAsync();
        }
        catch (EmbeddedClickHouseException failure)
        {
            Missing = failure.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (engine is not null) await engine.DisposeAsync();
        if (Postgres is not null) await Postgres.DisposeAsync();
    }

    /// <summary>Runs a statement in the shared engine, or in another.</summary>
    public async Task<string> QueryAsync(string sql, Uri? endpoint = null)
    {
        using var response = await Http.PostAsync(endpoint ?? engine!.Endpoint, new StringContent(sql));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{sql}: {text}");
        return text.TrimEnd('\n');
    }

    /// <summary>Registers a connector and waits until it runs.</summary>
    public async Task ConnectAsync(string name, Dictionary<string, string> configuration)
    {
        using var registered = await Http.PutAsJsonAsync($"{connect}/connectors/{name}/config", configuration);
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        await UntilAsync(async () => await StateAsync(name) == "RUNNING", TimeSpan.FromMinutes(1), "the connector runs");
    }

    public async Task RestartConnectorAsync(string name)
    {
        using var restarted = await Http.PostAsync($"{connect}/connectors/{name}/restart?includeTasks=true&onlyFailed=false", null);
        Assert.True(restarted.IsSuccessStatusCode, await restarted.Content.ReadAsStringAsync());
    }

    public async Task RemoveConnectorAsync(string name)
    {
        using var removed = await Http.DeleteAsync($"{connect}/connectors/{name}");
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan time, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < time, $"{what}: not within {time}");
            await Task.Delay(100);
        }
    }

    private async Task<string?> StateAsync(string name)
    {
        using var response = await Http.GetAsync($"{connect}/connectors/{name}/status");
        if (!response.IsSuccessStatusCode) return null;
        using var status = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var tasks = status.RootElement.GetProperty("tasks");
        if (tasks.GetArrayLength() == 0) return null;
        var state = tasks[0].GetProperty("state").GetString();
        Assert.True(state != "FAILED", status.RootElement.ToString());
        return state;
    }

    private async Task<string?> StartKafkaAsync()
    {
        if (Script() is not { } script) return "Set KAFKA_BOOTSTRAP and CONNECT_URL to a Kafka and a Kafka Connect with Debezium: there is no script of a stack beside the checkout.";
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "java")))) return "Java is missing, which Kafka and Debezium need; or set KAFKA_BOOTSTRAP and CONNECT_URL.";
        using var process = Process.Start(new ProcessStartInfo("flock", ["-o", Path.Combine(Path.GetTempPath(), "cdc-stack.lock"), "bash", script, "all"]) { RedirectStandardOutput = true })!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) return "The script of the stack failed to start Kafka and Connect.";
        bootstrap = lines.Single(l => l.StartsWith("KAFKA_BOOTSTRAP=", StringComparison.Ordinal)).Split('=')[1];
        connect = lines.Single(l => l.StartsWith("CONNECT_URL=", StringComparison.Ordinal)).Split('=')[1];
        return null;
    }

    private static string? Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Cdc.slnx"))) continue;
            var script = Path.Combine(folder.Parent!.FullName, "shared", "stack", "up.sh");
            return File.Exists(script) ? script : null;
        }

        return null;
    }
}
