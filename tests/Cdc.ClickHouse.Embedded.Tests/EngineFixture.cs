using Cdc.ClickHouse.Embedded.Tests;

[assembly: AssemblyFixture(typeof(EngineFixture))]

namespace Cdc.ClickHouse.Embedded.Tests;

/// <summary>One engine of our own for the whole assembly; each test makes a table of its own.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    private EmbeddedClickHouse? engine;

    public EmbeddedClickHouse Engine => engine!;

    public Client Client => new(Engine.Endpoint);

    public async ValueTask InitializeAsync() =>
        engine = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { IgnoreClickHouseUrl = true });

    public ValueTask DisposeAsync() => engine?.DisposeAsync() ?? ValueTask.CompletedTask;
}
