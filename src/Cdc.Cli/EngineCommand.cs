using System.CommandLine;
using Cdc.ClickHouse.Embedded;

namespace Cdc.Cli;

/// <summary><c>cdc engine</c>: the embedded ClickHouse alone, for any client.</summary>
internal static class EngineCommand
{
    private static readonly Option<int> Port = new("--port") { Description = "The port on the loopback address.", DefaultValueFactory = _ => 8123 };

    private static readonly Option<DirectoryInfo> Data = new("--data") { Description = "The folder that keeps the tables.", DefaultValueFactory = _ => new DirectoryInfo("cdc-data") };

    public static Command Create()
    {
        var command = new Command("engine", "Run the embedded ClickHouse engine in the foreground, for development.") { Port, Data };
        command.SetAction((parsed, cancellation) => Terminal.GuardAsync(token => RunAsync(parsed.GetValue(Port), parsed.GetValue(Data)!, token), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int port, DirectoryInfo data, CancellationToken cancellationToken)
    {
        await using var engine = await EmbeddedClickHouse.StartAsync(
            new EmbeddedClickHouseOptions { Port = port, DataFolder = data.FullName, IgnoreClickHouseUrl = true, Progress = new LogProgress() }, cancellationToken);
        Terminal.Note($"ClickHouse listens on {engine.Endpoint} and keeps its tables in {data.FullName}. Ctrl-C stops it.");
        try
        {
            await engine.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Success;
        }

        Terminal.Error("the engine ended by itself");
        return ExitCode.Failed;
    }
}

/// <summary>Shows what the engine's package reports while it is fetched and started.</summary>
internal sealed class LogProgress : IProgress<string>
{
    public void Report(string value) => Terminal.Note(value);
}
