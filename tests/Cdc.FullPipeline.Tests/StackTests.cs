using System.Globalization;
using Cdc.EndToEnd.Tests;

namespace Cdc.FullPipeline.Tests;

/// <summary>The parts that docker-compose.yml runs apart, as processes, with a real PostgreSQL, Debezium and Kafka.</summary>
public sealed class StackTests : IAsyncLifetime
{
    private readonly Postgres postgres = new();
    private readonly DirectoryInfo folder = SampleProcess.NewFolder("full-pipeline-stack-");
    private readonly DirectoryInfo others = SampleProcess.NewFolder("full-pipeline-generator-");
    private readonly string id = Guid.NewGuid().ToString("N")[..8];
    private KafkaStack? stack;
    private string? missing;

    public async ValueTask InitializeAsync()
    {
        (stack, missing) = await KafkaStack.FindAsync(TestContext.Current.CancellationToken);
        missing ??= await postgres.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (stack is not null) await stack.ForgetAsync($"sales-{id}");
        await postgres.DisposeAsync();
        folder.Delete(recursive: true);
        others.Delete(recursive: true);
    }

    [Fact]
    public async Task Setup_run_twice_is_the_same_serve_applies_what_the_generator_writes_and_remove_leaves_nothing()
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        await RunAsync("Everything is set up", "setup");
        var first = await StateAsync();
        await RunAsync("Everything is set up", "setup");
        Assert.Equal(first, await StateAsync());
        Assert.Contains("cdc_reader: login replication", first);
        Assert.Contains("rows 625", first);

        await using (var generator = SampleProcess.Start(Environment(), "generator", "--rate", "50", "--data", others.FullName))
        await using (var serve = SampleProcess.Start(Environment(), "serve", "--port", "0", "--data", folder.FullName))
        {
            await serve.PageAsync();
            var status = await LiveSample.UntilAsync(serve, s => Soak.Applied(s) > 1000 && LiveSample.IsEqualSince(s, DateTimeOffset.UnixEpoch), TimeSpan.FromMinutes(3), "what the generator writes is applied, and everything is equal");
            Assert.Equal("RUNNING", await stack!.StateAsync($"sales-{id}"));
            Assert.Equal(0, status.GetProperty("deadLetters").GetInt64());
            Assert.Equal(0, await generator.InterruptAsync());
            var end = DateTimeOffset.UtcNow;
            await LiveSample.UntilAsync(serve, s => LiveSample.IsEqualSince(s, end), TimeSpan.FromMinutes(2), "everything is equal after the generator's end");
            Assert.Equal(0, await serve.SignalAsync("TERM"));
            Assert.Empty(serve.Errors + generator.Errors);
        }

        await RunAsync($"Removed the slot and the publication sales_{id} and the schema franco, and the connector", "remove");
        Assert.Empty(await postgres.LinesAsync("SELECT slot_name::text FROM pg_replication_slots UNION ALL SELECT pubname::text FROM pg_publication UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname = 'franco'"));
        Assert.Null(await stack!.StateAsync($"sales-{id}"));
    }

    [Fact]
    public async Task A_setup_that_cannot_read_the_log_fails_with_the_connectors_own_words()
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        var environment = Environment();
        environment["CDC_USER"] = null; // then the connector is who POSTGRES_URL says, who may not replicate
        await postgres.ExecuteAsync("CREATE ROLE weak LOGIN PASSWORD 'secret-1'; GRANT CREATE ON DATABASE postgres TO weak");
        environment["POSTGRES_URL"] = Url("weak");
        await using var setup = SampleProcess.Start(environment, "setup", "--data", folder.FullName);
        Assert.Equal(1, await setup.ExitAsync(TimeSpan.FromMinutes(4)));
        Assert.StartsWith("The Debezium connector failed: ", setup.Errors, StringComparison.Ordinal);
        Assert.Contains("must be superuser or replication role", setup.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-1", setup.Errors + setup.Output, StringComparison.Ordinal);
    }

    /// <summary>What setup made: rows, roles, publication, slot and the connector's settings.</summary>
    private async Task<List<string>> StateAsync()
    {
        var lines = await postgres.LinesAsync(
            """
            SELECT 'rows ' || ((SELECT count(*) FROM franco.sales) + (SELECT count(*) FROM franco.customer) + (SELECT count(*) FROM franco.employee) + (SELECT count(*) FROM franco.sales_territory))
            UNION ALL SELECT rolname || ':' || CASE WHEN rolcanlogin THEN ' login' END || CASE WHEN rolreplication THEN ' replication' END FROM pg_roles WHERE rolname = 'cdc_reader'
            UNION ALL SELECT pubname || ' ' || tablename FROM pg_publication_tables
            UNION ALL SELECT slot_name || ' ' || plugin FROM pg_replication_slots
            """);
        return [.. lines, (await stack!.SettingsAsync($"sales-{id}"))!];
    }

    private async Task RunAsync(string last, string command)
    {
        await using var run = SampleProcess.Start(Environment(), command, "--data", folder.FullName);
        var code = await run.ExitAsync(TimeSpan.FromMinutes(4));
        Assert.True(code == 0, $"{run.Output}\n{run.Errors}");
        Assert.Equal(last, run.Output.Split('\n')[^1]);
    }

    private string Url(string user) => string.Create(CultureInfo.InvariantCulture, $"postgres://{user}:secret-1@127.0.0.1:{postgres.Port}/postgres");

    private Dictionary<string, string?> Environment() => new(stack!.Environment)
    {
        ["POSTGRES_URL"] = Url("cdc"), ["PIPELINE_ID"] = id, ["CDC_USER"] = "cdc_reader", ["CDC_PASSWORD"] = "secret-2", ["JSON_SCHEMAS"] = "false",
    };
}
