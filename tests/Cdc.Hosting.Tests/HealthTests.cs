using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Cdc.Hosting.Tests;

public sealed class HealthTests(Engine engine)
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private readonly string database = Engine.NewDatabase();

    /// <summary>Lets time pass until something holds.</summary>
    private Task PassUntilAsync(Func<Task<bool>> holds, string what) => Engine.UntilAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return holds();
        },
        what);

    [Fact]
    public async Task While_ClickHouse_is_away_the_pipeline_is_alive_and_after_a_minute_not_ready_and_it_comes_back()
    {
        using var gateway = new Gateway(engine.Endpoint).Open();
        var source = await StepSource.OfAsync("seed.jsonl.gz");
        source.Released = 500;
        using var host = new TestHost((s, _) => s.AddSingleton<TimeProvider>(time).AddCdc("sales", cdc => cdc.From(_ => source).ToClickHouse(o =>
        {
            (o.Endpoint, o.Database, o.User, o.Password) = (gateway.Endpoint, database, "default", "canary-secret");
            o.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        })));
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        await host.StartAsync();
        await PassUntilAsync(async () => host.Status.Messages == 500 && (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Healthy, "it is ready");

        gateway.Close();
        source.Released = int.MaxValue;
        await PassUntilAsync(() => Task.FromResult(host.Status.RetryingSince is not null), "it notices");
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-ready")).Status);
        time.Advance(TimeSpan.FromSeconds(61));

        var ready = await host.CheckAsync("cdc-ready");
        Assert.Equal(HealthStatus.Unhealthy, ready.Status);
        Assert.Contains("sales", ready.Data.Keys);
        Assert.Contains("trying again since", ready.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-secret", ready.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        Assert.True(host.Status.Lag > TimeSpan.FromMinutes(1), "what waits grows older");
        Assert.NotEqual(0, host.Measurements.Sum("cdc.retries", ("pipeline", "sales")));

        gateway.Open();
        await PassUntilAsync(async () => host.Status.Tables.Sum(t => t.Applied) == 1225 && (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Healthy, "it is ready again");
        Assert.Null(host.Status.LastError);
        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.sales_current"));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_pipeline_that_finds_no_ClickHouse_at_its_start_is_alive_and_not_ready()
    {
        var gateway = new Gateway(engine.Endpoint).Open();
        gateway.Close();
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc.From(_ => new StepSource([])).ToClickHouse(o => o.Endpoint = gateway.Endpoint)));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.State == CdcPipelineState.Restarting, "it fails");

        var ready = await host.CheckAsync("cdc-ready");
        Assert.Equal(HealthStatus.Unhealthy, ready.Status);
        Assert.Contains("has not flushed yet", ready.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_source_that_delivers_nothing_any_more_makes_it_not_ready()
    {
        using var host = new TestHost((s, _) => s.AddSingleton<TimeProvider>(time).AddCdc("sales", cdc => cdc
            .From(_ => new HangingSource()).Pipeline(o => o.FlushInterval = TimeSpan.FromMilliseconds(1)).ToClickHouse(o => (o.Endpoint, o.Database) = (engine.Endpoint, database))));
        await host.StartAsync();
        await PassUntilAsync(() => Task.FromResult(host.Status.LastFlush is not null), "it flushes once");
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-ready")).Status);

        time.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("has not flushed for", (await host.CheckAsync("cdc-ready")).Description, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_table_that_is_stopped_makes_the_pipeline_not_ready_and_is_named_with_the_way_out()
    {
        var source = await StepSource.OfAsync("schema.jsonl.gz");
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc
            .From(_ => source).WithoutDeadLetters().Pipeline(o => o.FlushInterval = TimeSpan.FromMilliseconds(50)).ToClickHouse(o => (o.Endpoint, o.Database) = (engine.Endpoint, database))));
        await host.StartAsync();
        await Engine.UntilAsync(() => source.IsAtEnd && host.Status.Tables.Any(t => t.Stopped is not null), "a table stops");

        var stopped = host.Status.Tables.First(t => t.Stopped is not null);
        var ready = await host.CheckAsync("cdc-ready");
        Assert.Equal(HealthStatus.Unhealthy, ready.Status);
        Assert.Contains($"sales: table {stopped.Table}", ready.Data.Keys);
        Assert.Contains(stopped.Stopped!, ready.Description, StringComparison.Ordinal);
        Assert.NotEqual(0, host.Measurements.Gauge("cdc.tables.stopped"));
        Assert.Single(host.Log.Lines, l => l.Event.Id == 4000 && l.Text.Contains($"table {stopped.Table} ", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        await host.StopAsync();
    }

    /// <summary>Delivers empty batches for a second, then nothing.</summary>
    private sealed class HangingSource : IChangeSource
    {
        public async IAsyncEnumerable<SourceBatch> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; i < 20; i++)
            {
                yield return default;
                await Task.Delay(50, cancellationToken);
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => ValueTask.FromResult<SourceMessage?>(null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
