using System.Diagnostics;
using System.Globalization;

namespace Cdc.ClickHouse.Embedded.Internal;

/// <summary>The child process. It lives as long as we hold its standard input open.</summary>
internal sealed class EngineProcess : IAsyncDisposable
{
    private const int ErrorLines = 40;
    private readonly Process process = new();
    private readonly Queue<string> errors = new();
    private readonly EmbeddedClickHouseOptions options;
    private readonly bool isTemporary;
    private Task drain = Task.CompletedTask;

    private EngineProcess(EmbeddedClickHouseOptions options)
    {
        this.options = options;
        isTemporary = options.DataFolder is null;
        DataFolder = options.DataFolder is { } folder ? Path.GetFullPath(folder) : Directory.CreateTempSubdirectory("cdc-engine-").FullName;
    }

    public string DataFolder { get; }

    public Uri Endpoint { get; private set; } = null!;

    public int Id { get; private set; }

    /// <summary>How the process ended, once it was disposed.</summary>
    public int? ExitCode { get; private set; }

    public static async Task<EngineProcess> StartAsync(string library, EmbeddedClickHouseOptions options, CancellationToken cancellationToken)
    {
        var engine = new EngineProcess(options);
        try
        {
            await engine.StartAsync(library, cancellationToken).ConfigureAwait(false);
            return engine;
        }
        catch
        {
            engine.TryKill();
            await engine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartAsync(string library, CancellationToken cancellationToken)
    {
        options.Progress?.Report("Starting the ClickHouse engine");
        var start = new ProcessStartInfo(EngineHost.FindDotnet())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { "exec", EngineHost.FindAssembly(), library, DataFolder, options.Port.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        // Meant for the application (dotnet watch, profilers), and would break the child.
        start.Environment.Remove("DOTNET_STARTUP_HOOKS");
        if (isTemporary) start.ArgumentList.Add("--delete-folder");
        process.StartInfo = start;
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.Start();
        Id = process.Id;
        process.BeginErrorReadLine();

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.StartTimeout);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(deadline.Token).ConfigureAwait(false);
            if (line is null || !line.StartsWith("ready ", StringComparison.Ordinal))
            {
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                throw new EmbeddedClickHouseException(WhyNot());
            }

            Endpoint = new Uri($"http://127.0.0.1:{line.Split(' ')[1]}/");
            drain = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddedClickHouseException($"The engine did not start within {options.StartTimeout}.{Environment.NewLine}{Errors()}");
        }
    }

    private string WhyNot()
    {
        var said = Errors();
        if (said.Contains("Cannot lock file", StringComparison.Ordinal))
        {
            return $"The data folder {DataFolder} is in use by another engine. Stop that one, or choose another {nameof(EmbeddedClickHouseOptions.DataFolder)}.";
        }

        if (said.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
        {
            return $"Port {options.Port} is in use. Choose another {nameof(EmbeddedClickHouseOptions.Port)}, or 0 for any free one.";
        }

        return $"The engine did not start (exit code {process.ExitCode}).{Environment.NewLine}{said}";
    }

    public async Task KillAsync()
    {
        TryKill();
        await process.WaitForExitAsync().ConfigureAwait(false);
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    private void TryKill()
    {
        // Id 0: it never started, and there is nothing to kill.
        if (Id != 0 && !process.HasExited) process.Kill();
    }

    private void Remember(string? line)
    {
        if (line is null) return;
        lock (errors)
        {
            errors.Enqueue(line);
            if (errors.Count > ErrorLines) errors.Dequeue();
        }
    }

    private string Errors()
    {
        lock (errors) return string.Join(Environment.NewLine, errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (Id != 0)
        {
            await StopAsync().ConfigureAwait(false);
            await drain.ConfigureAwait(false);
            ExitCode = process.ExitCode;
            Id = 0;
        }

        process.Dispose();
        if (isTemporary && Directory.Exists(DataFolder)) Directory.Delete(DataFolder, recursive: true);
    }

    private async Task StopAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        using var deadline = new CancellationTokenSource(options.StopTimeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
        }
    }
}
