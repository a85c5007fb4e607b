using Cdc.ClickHouse.Embedded;
using Cdc.ClickHouse.Tests.Support;

[assembly: AssemblyFixture(typeof(Engine))]

namespace Cdc.ClickHouse.Tests.Support;

/// <summary>One real engine for the whole assembly. Each test has a database of its own.</summary>
public sealed class Engine : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private static int databases;
    private EmbeddedClickHouse? engine;

    public Uri Endpoint => engine!.Endpoint;

    public static string NewDatabase() => $"test_{Interlocked.Increment(ref databases)}_{Guid.NewGuid():N}"[..24];

    public async ValueTask InitializeAsync() => engine = await EmbeddedClickHouse.StartAsync();

    public ValueTask DisposeAsync() => engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Runs a statement; the rows of a query come back as TabSeparated lines.</summary>
    public async Task<string> SqlAsync(string sql)
    {
        using var response = await Http.PostAsync(Endpoint, new StringContent(sql), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{sql}\n{text}");
        return text.TrimEnd('\n');
    }
}
