using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cdc.ClickHouse.Embedded;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(Cdc.Hosting.Tests.Engine))]

namespace Cdc.Hosting.Tests;

/// <summary>One real engine for the assembly.</summary>
public sealed class Engine : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private EmbeddedClickHouse? engine;

    public Uri Endpoint => engine!.Endpoint;

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
        using var response = await Http.PostAsync(Endpoint, new StringContent(sql), TestContext.Current.CancellationToken);
        return (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimEnd('\n');
    }

    /// <summary>Looks until something holds, or fails.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        var deadline = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), $"{what} did not come true in a minute");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

/// <summary>A capture that stays open at its end, as a live source does, and notes what is committed.</summary>
internal sealed class OpenCapture(string path) : IChangeSource
{
    private readonly CaptureSource inner = new(path);

    public ConcurrentQueue<Checkpoint> Committed { get; } = new();

    public bool IsAtEnd { get; private set; }

    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in inner.ReadAsync(cancellationToken)) yield return batch;
        IsAtEnd = true;
        while (true)
        {
            await Task.Delay(50, cancellationToken);
            yield return default;
        }
    }

    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        foreach (var checkpoint in checkpoints) Committed.Enqueue(checkpoint);
        return ValueTask.CompletedTask;
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => inner.ReadAgainAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

/// <summary>Keeps every line that is logged, exceptions included.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Event, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, eventId, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
