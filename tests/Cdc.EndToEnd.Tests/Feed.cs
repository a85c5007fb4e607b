using System.Globalization;

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
        await stack.ConnectAsync(feed.Name, new()
        {
            ["connector.class"] = "io.debezium.connector.postgresql.PostgresConnector",
            ["plugin.name"] = "pgoutput",
            ["database.hostname"] = "127.0.0.1",
            ["database.port"] = stack.Postgres.Port.ToString(CultureInfo.InvariantCulture),
            ["database.user"] = "cdc",
            ["database.password"] = "cdc",
            ["database.dbname"] = "postgres",
            ["topic.prefix"] = feed.Name,
            ["schema.include.list"] = feed.Name,
            ["publication.name"] = $"pub_{feed.Name}",
            ["publication.autocreate.mode"] = "filtered",
            ["slot.name"] = $"slot_{feed.Name}",
            ["slot.drop.on.stop"] = "false",
            ["topic.creation.default.partitions"] = "3",
            ["topic.creation.default.replication.factor"] = "1",
            ["poll.interval.ms"] = "50",
            ["key.converter"] = "org.apache.kafka.connect.json.JsonConverter",
            ["key.converter.schemas.enable"] = "true",
            ["value.converter"] = "org.apache.kafka.connect.json.JsonConverter",
            ["value.converter.schemas.enable"] = "true",
        });
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
        var differences = new List<string>();
        try
        {
            await RealParts.UntilAsync(async () => (differences = await workload.DifferencesAsync(stack, clickHouse)).Count == 0, TimeSpan.FromMinutes(2), "the tables are equal");
        }
        catch (Exception)
        {
            Assert.Fail($"{differences.Count} rows differ: {string.Join('\n', differences.Take(6))}\n{string.Join('\n', last.Lines.TakeLast(20))}\nnot committed: {Committed.Lag(stack, Group, TopicNames)}, connector: {await stack.StatusAsync(Name)}");
        }

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
