using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cdc.Cli.Tests;

public sealed class EngineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_engine_answers_any_client_until_it_is_interrupted()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var port = FreePort();
        using var process = Tool.Start(folder, "engine", "--port", $"{port}", "--data", "tables");
        using var http = new HttpClient();
        var deadline = Stopwatch.StartNew();
        string? answer = null;
        while (answer is null && deadline.Elapsed < TimeSpan.FromMinutes(2))
        {
            try
            {
                answer = await http.GetStringAsync($"http://127.0.0.1:{port}/?query=SELECT+1", cancelled);
            }
            catch (HttpRequestException)
            {
                Assert.False(process.HasExited, "the engine ended");
                await Task.Delay(50, cancelled);
            }
        }

        Assert.Equal("1\n", answer);
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(cancelled);
        Assert.Equal(0, process.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync($"http://127.0.0.1:{port}/ping", cancelled));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
