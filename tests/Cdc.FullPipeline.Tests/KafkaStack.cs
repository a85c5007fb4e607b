using System.Diagnostics;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>A real Kafka and a real Kafka Connect with Debezium: of KAFKA_BOOTSTRAP and CONNECT_URL, or of the stack's script beside the checkout.</summary>
internal sealed record KafkaStack(string Bootstrap, string Connect)
{
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?> { ["KAFKA_BOOTSTRAP"] = Bootstrap, ["CONNECT_URL"] = Connect };

    /// <returns>The settings of a connector as JSON, or null when there is none of that name.</returns>
    public async Task<string?> SettingsAsync(string connector) => await GetAsync($"connectors/{connector}/config");

    /// <returns>The state of a connector's task, or null when there is none of that name.</returns>
    public async Task<string?> StateAsync(string connector)
    {
        if (await GetAsync($"connectors/{connector}/status") is not { } text) return null;
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("tasks")[0].GetProperty("state").GetString();
    }

    /// <summary>Takes a connector from it: each one that stays takes memory of a worker that tests share.</summary>
    public async Task ForgetAsync(string connector)
    {
        using var http = new HttpClient();
        using var answer = await http.DeleteAsync(new Uri($"{Connect}/connectors/{connector}"));
    }

    private async Task<string?> GetAsync(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"{Connect}/{path}"));
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    /// <returns>The stack, or what is missing.</returns>
    public static async Task<(KafkaStack? Stack, string? Missing)> FindAsync(CancellationToken cancellationToken)
    {
        if (System.Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP") is { Length: > 0 } bootstrap && System.Environment.GetEnvironmentVariable("CONNECT_URL") is { Length: > 0 } connect)
        {
            return (new KafkaStack(bootstrap, connect), null);
        }

        var script = Path.Combine(Repository.Root, "..", "shared", "stack", "up.sh");
        if (!File.Exists(script)) return (null, "Set KAFKA_BOOTSTRAP and CONNECT_URL to a Kafka and a Kafka Connect with Debezium: there is no script of a stack beside the checkout.");
        if (!System.Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "java")))) return (null, "Java is missing, which Kafka and Debezium need; or set KAFKA_BOOTSTRAP and CONNECT_URL.");
        using var process = Process.Start(new ProcessStartInfo("flock", ["-o", Path.Combine(Path.GetTempPath(), "cdc-stack.lock"), "bash", script, "all"]) { RedirectStandardOutput = true })!;
        var lines = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n');
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? (new KafkaStack(Value("KAFKA_BOOTSTRAP"), Value("CONNECT_URL")), null) : (null, "The script of the stack failed to start Kafka and Connect.");

        string Value(string name) => lines.Single(l => l.StartsWith($"{name}=", StringComparison.Ordinal)).Split('=')[1];
    }
}
