using System.Text;
using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.ClickHouse.Tests.EngineFixture))]

namespace Cdc.ClickHouse.Tests;

/// <summary>One real engine for all tests of the assembly; each test makes tables of its own.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    private readonly HttpClient http = new();
    private EmbeddedClickHouse? engine;
    private int tables;

    public Uri Endpoint => engine!.Endpoint;

    public async ValueTask InitializeAsync() => engine = await EmbeddedClickHouse.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (engine is not null) await engine.DisposeAsync();
    }

    /// <summary>A name that no other test uses.</summary>
    public string NewName(string stem = "t") => $"{stem}_{Interlocked.Increment(ref tables)}";

    /// <summary>Runs a statement and gives its answer as text, without the last line's end.</summary>
    public async Task<string> QueryAsync(string sql, string settings = "")
    {
        using var response = await http.PostAsync(new Uri(Endpoint, "/?" + settings), new StringContent(sql, Encoding.UTF8));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{sql}: {text}");
        return text.TrimEnd('\n');
    }

    /// <summary>Sends a body to an INSERT … FORMAT Native and gives what the server said.</summary>
    public async Task<(bool Success, string Text)> InsertAsync(string into, HttpContent content)
    {
        var query = Uri.EscapeDataString($"INSERT INTO {into} FORMAT Native");
        using var response = await http.PostAsync(new Uri(Endpoint, $"/?input_format_native_allow_types_conversion=0&query={query}"), content);
        return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
