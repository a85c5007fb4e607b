using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Cdc.EndToEnd.Tests;

/// <summary>Kafka and Kafka Connect with Debezium: those of KAFKA_BOOTSTRAP and CONNECT_URL, or a pair of the tests' own, which they may kill.</summary>
internal sealed class KafkaStack : IAsyncDisposable
{
    private const string Prefix = "cdc-e2e-stack-";
    private readonly string home = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}");
    private readonly int port = TwoFreePorts(20000 + (Environment.ProcessId % 5000));
    private readonly int connectPort = TwoFreePorts(25000 + (Environment.ProcessId % 5000));
    private string? script;

    public string Bootstrap { get; private set; } = "";

    public string Connect { get; private set; } = "";

    /// <summary>Whether its parts are the tests' own.</summary>
    public bool MayBeKilled => script is not null;

    /// <returns>What is missing, or null when it runs.</returns>
    public async Task<string?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP") is { } bootstrap && Environment.GetEnvironmentVariable("CONNECT_URL") is { } connect)
        {
            (Bootstrap, Connect) = (bootstrap, connect);
            return null;
        }

        script = Script();
        if (script is null) return "Set KAFKA_BOOTSTRAP and CONNECT_URL to a Kafka and a Kafka Connect with Debezium: there is no script of a stack beside the checkout.";
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "java")))) return "Java is missing, which Kafka and Debezium need; or set KAFKA_BOOTSTRAP and CONNECT_URL.";
        foreach (var left in Directory.GetDirectories(Path.GetTempPath(), $"{Prefix}*")) await ForgetOfTheDeadAsync(left);
        await UpAsync();
        return null;
    }

    /// <summary>Starts what does not run, and waits until both answer.</summary>
    public async Task UpAsync()
    {
        var lines = await RunAsync("up.sh", home);
        Bootstrap = lines.Single(l => l.StartsWith("KAFKA_BOOTSTRAP=", StringComparison.Ordinal)).Split('=')[1];
        Connect = lines.Single(l => l.StartsWith("CONNECT_URL=", StringComparison.Ordinal)).Split('=')[1];
    }

    /// <summary>Kills a part with -9: "kafka" or "connect".</summary>
    public async Task KillAsync(string part)
    {
        using var process = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(home, $"{part}.pid")), CultureInfo.InvariantCulture));
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (MayBeKilled) await ForgetAsync(home);
    }

    // A test process that was killed could not stop its own.
    private async Task ForgetOfTheDeadAsync(string left)
    {
        if (!File.Exists($"/proc/{left[(left.LastIndexOf('-') + 1)..]}/stat")) await ForgetAsync(left);
    }

    private async Task ForgetAsync(string folder)
    {
        await RunAsync("down.sh", folder);
        Directory.Delete(folder, recursive: true);
    }

    private async Task<string[]> RunAsync(string name, string folder)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Path.GetDirectoryName(script)!, name)]) { RedirectStandardOutput = true };
        start.Environment["STACK_HOME"] = folder;
        start.Environment["KAFKA_PORT"] = Text(port);
        start.Environment["CONNECT_PORT"] = Text(connectPort);
        using var process = Process.Start(start)!;
        var lines = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0 || name == "down.sh", $"{name} ended with {process.ExitCode}");
        return lines.Split('\n');
    }

    // The broker takes the port and the one above it.
    private static int TwoFreePorts(int from)
    {
        for (var port = from; ; port += 2)
        {
            try
            {
                using var first = new TcpListener(System.Net.IPAddress.Loopback, port);
                using var second = new TcpListener(System.Net.IPAddress.Loopback, port + 1);
                first.Start();
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: the next pair
            }
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

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
