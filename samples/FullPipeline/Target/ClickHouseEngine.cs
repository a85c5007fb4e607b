using Cdc.ClickHouse.Embedded;

namespace FullPipeline;

/// <summary>The embedded engine, which can be stopped and started at the same address; or the server that CLICKHOUSE_URL names, which cannot.</summary>
internal sealed class ClickHouseEngine : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly string folder;
    private EmbeddedClickHouse? engine;

    private ClickHouseEngine(EmbeddedClickHouse engine, string folder)
    {
        (this.engine, this.folder) = (engine, folder);
        Server = ClickHouseServer.Of(engine.Endpoint);
        IsOwn = engine.ProcessId is not null;
    }

    public ClickHouseServer Server { get; }

    /// <summary>Whether the sample started it, and so may stop it.</summary>
    public bool IsOwn { get; }

    public bool IsStopped => Volatile.Read(ref engine) is null;

    public static async Task<ClickHouseEngine> StartAsync(string folder, IProgress<string> progress, CancellationToken cancellationToken) =>
        new(await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = folder, Progress = progress }, cancellationToken), folder);

    public async Task StopAsync()
    {
        await turn.WaitAsync();
        try
        {
            if (!IsOwn || Interlocked.Exchange(ref engine, null) is not { } running) return;
            await running.DisposeAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Starts it again where it was. An engine that ended by itself is replaced.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (!IsOwn || !IsStopped) return;
            engine = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = folder, Port = Server.Endpoint.Port }, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Starts an engine that ended by itself again, for ever; one that was stopped on purpose stays stopped.</summary>
    public async Task KeepAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (IsOwn && Volatile.Read(ref engine) is { } running)
            {
                await running.WaitForExitAsync(cancellationToken);
                if (Interlocked.CompareExchange(ref engine, null, running) == running)
                {
                    tell("The ClickHouse engine ended by itself; it starts again");
                    await running.DisposeAsync();
                    await RestartAsync(cancellationToken);
                }
            }

            await Task.Delay(500, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref engine, null) is { } running) await running.DisposeAsync();
        turn.Dispose();
    }
}
