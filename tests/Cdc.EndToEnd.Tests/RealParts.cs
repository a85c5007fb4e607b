using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.EndToEnd.Tests.RealParts))]

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// A real PostgreSQL, a real Kafka with Kafka Connect and Debezium, and the real ClickHouse engine. Where one part is missing the tests say
/// which and skip.
/// </summary>
public sealed class RealParts : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private EmbeddedClickHouse? engine;

    public string? Missing { get; private set; }

    public string Bootstrap => Kafka.Bootstrap;

    internal KafkaStack Kafka { get; } = new();

    public Uri ClickHouse => engine!.Endpoint;

    internal Postgres Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            Missing = await Kafka.StartAsync();
            if (Missing is not null) return;
            Postgres = new Postgres();
            Missing = await Postgres.StartAsync();
            if (Missing is null) engine = await EmbeddedClickHouse.StartAsync();
        }
        catch (EmbeddedClickHouseException failure)
        {
            Missing = failure.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (engine is not null) await engine.DisposeAsync();
        if (Postgres is not null) await Postgres.DisposeAsync();
        await Kafka.DisposeAsync();
    }

    /// <summary>Runs a statement in the shared engine, or in another.</summary>
    public async Task<string> QueryAsync(string sql, Uri? endpoint = null)
    {
        using var response = await Http.PostAsync(endpoint ?? engine!.Endpoint, new StringContent(sql));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{sql}: {text}");
        return text.TrimEnd('\n');
    }

    /// <summary>Registers a connector and waits until it runs.</summary>
    public async Task ConnectAsync(string name, Dictionary<string, string> configuration)
    {
        using var registered = await Http.PutAsJsonAsync($"{Kafka.Connect}/connectors/{name}/config", configuration);
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        await UntilAsync(async () => await StateAsync(name) == "RUNNING", TimeSpan.FromMinutes(1), "the connector runs");
    }

    public async Task RemoveConnectorAsync(string name)
    {
        using var removed = await Http.DeleteAsync($"{Kafka.Connect}/connectors/{name}");
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan time, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < time, $"{what}: not within {time}");
            await Task.Delay(100);
        }
    }

    /// <summary>What Connect says of a connector, or null while it does not know it.</summary>
    public async Task<string?> StatusAsync(string name)
    {
        using var response = await Http.GetAsync($"{Kafka.Connect}/connectors/{name}/status");
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
    }

    private async Task<string?> StateAsync(string name)
    {
        if (await StatusAsync(name) is not { } text) return null;
        using var status = JsonDocument.Parse(text);
        var tasks = status.RootElement.GetProperty("tasks");
        if (tasks.GetArrayLength() == 0) return null;
        var state = tasks[0].GetProperty("state").GetString();
        Assert.True(state != "FAILED", status.RootElement.ToString());
        return state;
    }
}
