using System.Diagnostics;
using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.Cli.Tests.Tool))]

namespace Cdc.Cli.Tests;

/// <summary>The tool as a process of its own, and one engine to write to.</summary>
public sealed class Tool : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private EmbeddedClickHouse? engine;

    public string Endpoint => engine!.Endpoint.ToString();

    public static string Capture(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "corpus", "postgres", name);
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException(name);
    }

    public async ValueTask InitializeAsync() => engine = await EmbeddedClickHouse.StartAsync();

    public ValueTask DisposeAsync() => engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    public async Task<string> QueryAsync(string sql)
    {
        using var response = await Http.PostAsync(engine!.Endpoint, new StringContent(sql), TestContext.Current.CancellationToken);
        return (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimEnd('\n');
    }

    public static Process Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Cdc.Cli.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string folder, params string[] arguments) => await RunAsync(folder, null, arguments);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string folder, Stream? input, string[] arguments)
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var process = Start(folder, arguments);
        var output = process.StandardOutput.ReadToEndAsync(cancelled);
        var error = process.StandardError.ReadToEndAsync(cancelled);
        if (input is not null) await input.CopyToAsync(process.StandardInput.BaseStream, cancelled);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancelled);
        return (process.ExitCode, await output, (await error).TrimEnd('\n'));
    }
}
