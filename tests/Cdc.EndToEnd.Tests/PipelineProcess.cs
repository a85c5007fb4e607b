using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Cdc.EndToEnd.Tests;

/// <summary>One run of the process that is killed.</summary>
internal sealed class PipelineProcess : IDisposable
{
    private readonly Process process;

    /// <summary>From Kafka.</summary>
    public PipelineProcess(RealParts stack, string group, string topics, string crash = "never:0", Uri? clickHouse = null)
        : this(stack.Bootstrap, group, topics, (clickHouse ?? stack.ClickHouse).ToString(), crash)
    {
    }

    private PipelineProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Cdc.EndToEnd.Host.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Straight from PostgreSQL.</summary>
    public static PipelineProcess Direct(RealParts stack, string name, string letters, string crash = "never:0") => new("postgres", stack.Postgres.ConnectionString, name, letters, stack.ClickHouse.ToString(), crash);

    public ConcurrentQueue<string> Lines { get; } = new();

    public bool HasEnded => process.HasExited;

    /// <summary>The process' memory in bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Waits until it dies by itself, and kills it when that takes too long.</summary>
    /// <returns>Whether it died by itself.</returns>
    public async Task<bool> WaitOrKillAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>Lets a frozen process go on.</summary>
    public async Task WakeAsync()
    {
        using var kill = Process.Start("kill", ["-CONT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
