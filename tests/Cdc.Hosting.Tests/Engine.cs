using System.Diagnostics;
using Cdc.ClickHouse.Embedded;

[assembly: AssemblyFixture(typeof(Cdc.Hosting.Tests.Engine))]

namespace Cdc.Hosting.Tests;

/// <summary>One real engine for the assembly; each test has a database of its own.</summary>
public sealed class Engine : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private EmbeddedClickHouse? engine;

    public Uri Endpoint => engine!.Endpoint;

    public static string NewDatabase() => $"host_{Guid.NewGuid():N}";

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
    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string)"/>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var deadline = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), $"{what} did not come true in a minute");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
