namespace Cdc.EndToEnd.Tests;

/// <summary>A schema of PostgreSQL that changes, and the connector that sends its changes.</summary>
internal sealed class Feed : IAsyncDisposable
{
    private readonly RealParts stack;
    private readonly Workload workload;
    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    private Feed(RealParts stack, string name, int seed)
    {
        this.stack = stack;
        Name = name;
        workload = new Workload(stack.Postgres, name, seed);
    }

    /// <summary>The name of the schema, the connector and the topics' prefix.</summary>
    public string Name { get; }

    public string Group => $"group-{Name}";

    public string Topics => $"^{Name}\\.{Name}\\..*";

    public IReadOnlyList<string> TopicNames => [.. Workload.Tables.Select(t => $"{Name}.{Name}.{t}")];

    public long Statements => workload.Statements;

    public static async Task<Feed> StartAsync(RealParts stack, int seed)
    {
        var feed = new Feed(stack, $"e2e{seed}{Guid.NewGuid():N}"[..12], seed);
        await feed.workload.CreateAsync();
        await stack.ConnectAsync(feed.Name, Connector.Settings(
            stack.Postgres, feed.Name, $"slot_{feed.Name}", $"pub_{feed.Name}", ("schema.include.list", feed.Name), ("publication.autocreate.mode", "filtered")));
        await RealParts.UntilAsync(() => Task.FromResult(Committed.Exist(stack, feed.TopicNames)), TimeSpan.FromMinutes(2), "the snapshot's topics are there");
        feed.running = Task.Run(() => feed.workload.RunAsync(feed.stop.Token));
        return feed;
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Lets a last process catch up, and compares every table by value.</summary>
    public async Task AssertEqualAsync(RealParts stack, Uri? clickHouse = null)
    {
        using var last = new PipelineProcess(stack, Group, Topics, clickHouse: clickHouse);
        await workload.AssertEqualAsync(
            stack, last, TimeSpan.FromMinutes(2), clickHouse, async () => $"not committed: {Committed.Lag(stack, Group, TopicNames)}, connector: {await stack.StatusAsync(Name)}");
        await last.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        await stack.RemoveConnectorAsync(Name);
        stop.Dispose();
    }
}
