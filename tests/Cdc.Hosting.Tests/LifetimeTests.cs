using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Tests;

public sealed class LifetimeTests(Engine engine)
{
    private readonly string database = Engine.NewDatabase();

    private void Target(ClickHouse.ClickHouseOptions options) => (options.Endpoint, options.Database) = (engine.Endpoint, database);

    [Fact]
    public async Task A_host_that_stops_makes_durable_and_commits_what_was_taken()
    {
        var source = await StepSource.OfAsync("seed.jsonl.gz");
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc.From(_ => source).Pipeline(o => o.FlushInterval = TimeSpan.FromHours(1)).ToClickHouse(Target)));
        await host.StartAsync();
        await Engine.UntilAsync(() => source.IsAtEnd, "the capture is read");
        Assert.Empty(source.Committed);

        await host.StopAsync();

        Assert.NotEmpty(source.Committed);
        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.sales_current"));
        Assert.Equal(CdcPipelineState.Stopped, host.Status.State);
    }

    [Fact]
    public async Task A_host_that_stops_while_ClickHouse_is_away_stops_in_its_time_and_commits_nothing()
    {
        using var gateway = new Gateway(engine.Endpoint).Open();
        var source = await StepSource.OfAsync("seed.jsonl.gz");
        source.Released = 0;
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc.From(_ => source)
            .Pipeline(o => (o.FlushInterval, o.ShutdownTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500)))
            .ToClickHouse(o => (o.Endpoint, o.Database) = (gateway.Endpoint, database))));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.LastFlush is not null, "it runs");
        gateway.Close();
        source.Released = int.MaxValue;
        await Engine.UntilAsync(() => host.Status.RetryingSince is not null, "it notices");

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(CdcPipelineState.Stopped, host.Status.State);
        Assert.Empty(source.Committed);
    }

    [Fact]
    public async Task Two_pipelines_in_one_host_do_not_know_of_each_other()
    {
        using var host = new TestHost((s, _) =>
        {
            s.AddCdc("bad", cdc => cdc.From(_ => new FailingSource(new KnownFailure())).ToClickHouse(Target));
            s.AddCdc("good", cdc => cdc.From(_ => new CaptureSource(Engine.Capture("seed.jsonl.gz"))).ToClickHouse(Target));
        });

        await host.StartAsync();
        var pipelines = host.Services.GetRequiredService<CdcPipelines>();
        await Engine.UntilAsync(() => pipelines.Status is [{ Name: "bad", State: CdcPipelineState.Restarting }, { Name: "good", State: CdcPipelineState.Completed }], "one ends and one restarts");

        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.sales_current"));
        await host.StopAsync();
    }

    [Fact]
    public async Task Pipelines_drain_side_by_side()
    {
        var meeting = new Barrier(2);
        using var host = new TestHost((s, _) =>
        {
            foreach (var name in new[] { "a", "b" })
            {
                s.AddCdc(name, cdc => cdc.From(_ => new StepSource([])).To(_ => new MeetingSink(meeting)).Pipeline(o => o.FlushInterval = TimeSpan.FromHours(1)));
            }
        });
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Services.GetRequiredService<CdcPipelines>().Status.All(s => s.State == CdcPipelineState.Running), "both run");

        await host.StopAsync();

        // Each drain waits for the other's: one after the other they never meet.
        Assert.Equal(1, meeting.CurrentPhaseNumber);
    }

    [Fact]
    public async Task A_pipeline_that_fails_starts_again_and_the_host_lives_on()
    {
        var starts = 0;
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc
            .From(_ => ++starts > 2 ? new CaptureSource(Engine.Capture("seed.jsonl.gz")) : new FailingSource(new KnownFailure()))
            .Hosting(o => o.RestartDelay = TimeSpan.FromMilliseconds(10))
            .ToClickHouse(Target)));

        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.State == CdcPipelineState.Completed, "it completes");

        Assert.Equal(2, host.Status.Restarts);
        Assert.Equal(2, host.Measurements.Sum("cdc.restarts", ("pipeline", "sales")));
        Assert.Equal(2, host.Measurements.Sum("cdc.errors", ("stage", "run"), ("error.type", nameof(KnownFailure))));
        Assert.Equal(2, host.Log.Lines.Count(l => l.Event.Id == 1003 && l.Level == LogLevel.Error && l.Text.Contains("it is known why", StringComparison.Ordinal)));
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-ready")).Status);
        await host.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_that_waiting_does_not_heal_stops_the_host_where_that_is_wished(bool isTransient)
    {
        var starts = 0;
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc
            .From(_ => new FailingSource(new KnownFailure(isTransient), () => starts++)).Hosting(o => (o.StopHostOnFailure, o.RestartDelay) = (true, TimeSpan.FromMilliseconds(10))).ToClickHouse(Target)));
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        await host.StartAsync();
        await Engine.UntilAsync(() => stopping.IsCancellationRequested || starts > 3, "it decides");

        Assert.Equal(!isTransient, stopping.IsCancellationRequested);
        Assert.Equal(isTransient ? HealthStatus.Healthy : HealthStatus.Unhealthy, (await host.CheckAsync("cdc-live")).Status);
        await host.StopAsync();
    }

    private sealed class KnownFailure(bool isTransient = false) : CdcException("it is known why")
    {
        public override bool IsTransient => isTransient;
    }

    private sealed class FailingSource(Exception failure, Action? started = null) : IChangeSource
    {
        public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            started?.Invoke();
            await Task.Yield();
            yield return default;
            throw failure;
        }

        public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => ValueTask.FromResult<SourceMessage?>(null);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class MeetingSink(Barrier meeting) : IChangeSink
    {
        public bool TryAppend(ChangeEvent change) => true;

        public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
        {
            meeting.SignalAndWait(TimeSpan.FromSeconds(10), cancellationToken);
            return ValueTask.FromResult(FlushResult.Empty);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
