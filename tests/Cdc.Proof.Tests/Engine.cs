using Cdc.ClickHouse.Embedded;
using Cdc.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(Cdc.Proof.Tests.Engine))]

namespace Cdc.Proof.Tests;

/// <summary>One real ClickHouse engine for all tests; each test has databases of its own.</summary>
public sealed class Engine : IAsyncLifetime
{
    private EmbeddedClickHouse? clickHouse;

    /// <summary>Where the engine answers.</summary>
    public Uri Endpoint => clickHouse!.Endpoint;

    /// <summary>Reads it.</summary>
    public ClickHouseReader Reader { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        clickHouse = await EmbeddedClickHouse.StartAsync();
        Reader = new ClickHouseReader(clickHouse.Endpoint);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Reader?.Dispose();
        if (clickHouse is not null) await clickHouse.DisposeAsync();
    }
}
