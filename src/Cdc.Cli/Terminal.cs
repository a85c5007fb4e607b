using Cdc.ClickHouse.Embedded;
using Spectre.Console;

namespace Cdc.Cli;

/// <summary>What people see: results on standard output, everything else on standard error.</summary>
internal static class Terminal
{
    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Log { get; } = Create(Console.Error, Console.IsErrorRedirected);

    public static void Error(string text) => Log.MarkupLineInterpolated($"[red]cdc:[/] {text}");

    public static void Warn(string text) => Log.MarkupLineInterpolated($"[yellow]cdc:[/] {text}");

    public static void Note(string text) => Log.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <summary>Runs a command's work and turns its expected failures into one line and an exit code.</summary>
    public static async Task<int> GuardAsync(Func<CancellationToken, Task<int>> work, CancellationToken cancellationToken, string interrupted = "interrupted; nothing that was applied is lost, run it again")
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Error(interrupted);
            return ExitCode.Interrupted;
        }
        catch (ArgumentException failure)
        {
            Error(failure.Message);
            return ExitCode.Usage;
        }
        catch (Exception failure) when (failure is CdcException or EmbeddedClickHouseException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            Error(failure.Message);
            return ExitCode.Failed;
        }
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });

        // A file or a pipe has no width to wrap at.
        if (redirected) console.Profile.Width = 10_000;
        return console;
    }
}
