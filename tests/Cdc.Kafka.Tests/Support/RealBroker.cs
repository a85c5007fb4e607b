using System.Diagnostics;

[assembly: AssemblyFixture(typeof(Cdc.Kafka.Tests.RealBroker))]

namespace Cdc.Kafka.Tests;

/// <summary>A real Kafka broker: the one that KAFKA_BOOTSTRAP names, else the one that the script beside the checkout starts.</summary>
public sealed class RealBroker : IAsyncLifetime
{
    private string? servers;
    private string reason = "";

    /// <summary>Its address; skips the test where there is none.</summary>
    public string Servers
    {
        get
        {
            Assert.SkipWhen(servers is null, reason);
            return servers!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        servers = Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP");
        if (servers is not null) return;
        var checkout = new DirectoryInfo(AppContext.BaseDirectory);
        while (checkout is not null && !File.Exists(Path.Combine(checkout.FullName, "Cdc.slnx"))) checkout = checkout.Parent;
        var script = checkout?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "stack", "up.sh") : "";
        if (!File.Exists(script))
        {
            reason = "It needs a real Kafka broker 4.0 or later: set KAFKA_BOOTSTRAP.";
            return;
        }

        using var process = Process.Start(new ProcessStartInfo("flock", ["-o", Path.Combine(Path.GetTempPath(), "cdc-stack.lock"), "bash", script, "kafka"]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        servers = output.Split('\n').FirstOrDefault(l => l.StartsWith("KAFKA_BOOTSTRAP=", StringComparison.Ordinal))?["KAFKA_BOOTSTRAP=".Length..].Trim();
        reason = $"The script that starts a real Kafka broker gave no address (exit code {process.ExitCode}).";
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
