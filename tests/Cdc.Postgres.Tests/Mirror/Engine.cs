using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.Postgres.Tests.Mirror.Engine))]

namespace Cdc.Postgres.Tests.Mirror;

/// <summary>One real ClickHouse engine for all tests that need it; each test has databases of its own.</summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private EmbeddedClickHouse? clickHouse;

    /// <summary>Where it answers. It starts with the first test that asks.</summary>
    public async Task<Uri> EndpointAsync()
    {
        await gate.WaitAsync();
        try
        {
            clickHouse ??= await EmbeddedClickHouse.StartAsync();
            return clickHouse.Endpoint;
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        gate.Dispose();
        if (clickHouse is not null) await clickHouse.DisposeAsync();
    }
}
