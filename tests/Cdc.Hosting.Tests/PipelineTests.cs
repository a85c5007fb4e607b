using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Tests;

public sealed class PipelineTests(Engine engine)
{
    private readonly LogLines log = new();
    private readonly string database = $"host_{Guid.NewGuid():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private IHost Host(Action<IServiceCollection> services, Dictionary<string, string?>? configuration = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.Logging.AddProvider(log);
        services(builder.Services);
        return builder.Build();
    }

    private static CdcPipelineStatus StatusOf(IHost host, string name = "sales") => host.Services.GetRequiredService<CdcPipelines>().Status.Single(s => s.Name == name);

    [Fact]
    public async Task Configuration_and_code_together_make_a_pipeline_that_applies_and_commits()
    {
        var source = new OpenCapture(Engine.Capture("seed.jsonl.gz"));
        using var host = Host(
            s => s.AddCdc("sales", cdc => cdc.From((_, _) => source).ToClickHouse(o => o.Database = database)),
            new() { ["Cdc:sales:ClickHouse:Endpoint"] = engine.Endpoint.ToString(), ["Cdc:sales:Pipeline:FlushInterval"] = "00:00:00.1", ["Cdc:sales:ClickHouse:Tables:franco.sales:Table"] = "orders" });

        await host.StartAsync(Cancelled);
        await Engine.UntilAsync(() => StatusOf(host).Tables.Sum(t => t.Applied) == 1225, "everything is applied");

        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.orders_current"));
        Assert.Equal(CdcPipelineState.Running, StatusOf(host).State);
        Assert.Contains(source.Committed, c => c.Topic == "seed.franco.sales");
        Assert.NotEqual("0", await engine.QueryAsync($"SELECT count() FROM {database}._cdc_ledger FINAL"));
        await host.StopAsync(Cancelled);
        Assert.Equal(CdcPipelineState.Stopped, StatusOf(host).State);
    }

    [Fact]
    public async Task A_host_that_stops_makes_durable_and_commits_what_was_taken()
    {
        var source = new OpenCapture(Engine.Capture("seed.jsonl.gz"));
        using var host = Host(s => s.AddCdc("sales", cdc => cdc.From((_, _) => source).Pipeline(o => o.FlushInterval = TimeSpan.FromHours(1)).ToClickHouse(o =>
        {
            o.Endpoint = engine.Endpoint;
            o.Database = database;
        })));
        await host.StartAsync(Cancelled);
        await Engine.UntilAsync(() => source.IsAtEnd, "the capture is read");
        Assert.Empty(source.Committed);

        await host.StopAsync(Cancelled);

        Assert.NotEmpty(source.Committed);
        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.sales_current"));
    }

    [Fact]
    public async Task Two_pipelines_in_one_host_do_not_know_of_each_other()
    {
        using var host = Host(s =>
        {
            foreach (var name in new[] { "a", "b" })
            {
                s.AddCdc(name, cdc => cdc.From((_, _) => new CaptureSource(Engine.Capture("seed.jsonl.gz"))).ToClickHouse(o =>
                {
                    o.Endpoint = engine.Endpoint;
                    o.Database = $"{database}_{name}";
                }));
            }
        });

        await host.StartAsync(Cancelled);
        await Engine.UntilAsync(() => host.Services.GetRequiredService<CdcPipelines>().Status.All(s => s.State == CdcPipelineState.Completed), "both end");

        Assert.Equal(["a", "b"], host.Services.GetRequiredService<CdcPipelines>().Status.Select(s => s.Name));
        foreach (var name in new[] { "a", "b" }) Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}_{name}.sales_current"));
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task All_problems_of_all_pipelines_come_in_one_message_before_anything_connects()
    {
        using var host = Host(
            s => s.AddCdc("orders").AddCdc("sales", cdc => cdc.Pipeline(o => o.FlushInterval = TimeSpan.Zero)),
            new()
            {
                ["Cdc:orders:ClickHouse:Endpoint"] = "http://elsewhere:8123",
                ["Cdc:orders:Kafka:Topicz:0"] = "typo",
                ["Cdc:orders:Clickhause:Endpoint"] = "typo",
                ["Cdc:sales:Kafka:BootstrapServers"] = "localhost:1",
                ["Cdc:sales:ClickHouse:Password"] = "canary-secret",
                ["Cdc:sales:Hosting:RestartDelay"] = "-00:00:01",
            });

        var error = await Assert.ThrowsAsync<CdcConfigurationException>(() => host.StartAsync(Cancelled));

        foreach (var part in new[] { "orders: Kafka: ", "Topicz", "Clickhause", "plain HTTP", "sales: Kafka: ", "GroupId", "sales: ClickHouse: ", "FlushInterval", "RestartDelay" })
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("canary-secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_ClickHouse_is_away_the_pipeline_is_alive_and_not_ready_and_comes_back()
    {
        var gate = new Gate();
        using var host = Host(s =>
        {
            s.AddHealthChecks().AddCdc();
            s.AddCdc("sales", cdc => cdc
                .From((_, _) => new OpenCapture(Engine.Capture("seed.jsonl.gz")))
                .Reader(_ => new Debezium.DebeziumReader())
                .Hosting(o =>
                {
                    o.ReadyWithin = TimeSpan.FromMilliseconds(300);
                    o.Ledger = false;
                })
                .Pipeline(o => o.FlushInterval = TimeSpan.FromMilliseconds(50))
                .ToClickHouse(o =>
                {
                    o.Endpoint = engine.Endpoint;
                    o.Database = database;
                    o.HttpMessageHandler = gate;
                    o.Retry.MinDelay = o.Retry.MaxDelay = TimeSpan.FromMilliseconds(50);
                }));
        });
        gate.IsShut = true;
        await host.StartAsync(Cancelled);
        var health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReport? report = null;
        await Engine.UntilAsync(() => (report = health.CheckHealthAsync(Cancelled).GetAwaiter().GetResult()).Entries["cdc-ready"].Status == HealthStatus.Unhealthy, "it is not ready");
        Assert.Equal(HealthStatus.Healthy, report!.Entries["cdc-live"].Status);

        gate.IsShut = false;
        await Engine.UntilAsync(() => health.CheckHealthAsync(Cancelled).GetAwaiter().GetResult().Status == HealthStatus.Healthy, "it is ready");
        await Engine.UntilAsync(() => StatusOf(host).Tables.Sum(t => t.Applied) == 1225, "everything is applied");
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_pipeline_that_fails_starts_again_and_the_host_lives_on()
    {
        var starts = 0;
        using var host = Host(s => s.AddCdc("sales", cdc => cdc
            .From((_, _) => ++starts > 3 ? new CaptureSource(Engine.Capture("seed.jsonl.gz")) : new CaptureSource(Path.Combine(AppContext.BaseDirectory, "no such file")))
            .Hosting(o => o.RestartDelay = TimeSpan.FromMilliseconds(10))
            .ToClickHouse(o =>
            {
                o.Endpoint = engine.Endpoint;
                o.Database = database;
            })));

        await host.StartAsync(Cancelled);
        await Engine.UntilAsync(() => StatusOf(host).State == CdcPipelineState.Completed, "it completes");

        // The check at the start makes each part once.
        Assert.Equal(2, StatusOf(host).Restarts);
        Assert.Equal(2, log.Lines.Count(l => l.Event.Id == 4 && l.Level == LogLevel.Error));
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Metrics_and_traces_say_what_the_report_says_and_logs_hold_no_value()
    {
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == "Cdc") l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Sum(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Sum(instrument.Name, 1, tags));
        listener.Start();
        var flushes = 0;
        using var traces = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "Cdc",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = a => { if (a.GetTagItem("cdc.pipeline") as string == database) Interlocked.Increment(ref flushes); },
        };
        ActivitySource.AddActivityListener(traces);
        var letters = Path.Combine(Path.GetTempPath(), $"{database}.jsonl");
        using var host = Host(s => s.AddCdc(database, cdc => cdc
            .From((_, _) => new CaptureSource(Engine.Capture("schema.jsonl.gz")))
            .DeadLetters(_ => new CaptureDeadLetters(letters))
            .ToClickHouse(o =>
            {
                o.Endpoint = engine.Endpoint;
                o.Database = database;
                o.User = "default";
                o.Password = "canary-secret";
            })));

        await host.StartAsync(Cancelled);
        await Engine.UntilAsync(() => StatusOf(host, database).State == CdcPipelineState.Completed, "it completes");
        var status = StatusOf(host, database);
        await host.StopAsync(Cancelled);

        Assert.Equal(status.Messages, sums["cdc.messages"]);
        Assert.Equal(status.Tables.Sum(t => t.Applied), sums["cdc.rows.written"]);
        Assert.Equal(status.Tables.Sum(t => t.DeadLettered), sums["cdc.dead_letters"]);
        Assert.True(sums["cdc.flush.duration"] >= 1 && sums["cdc.end_to_end.latency"] >= 1 && flushes >= 1);
        Assert.Contains(log.Lines, l => l.Event.Id == 20 && l.Text.Contains("c_date", StringComparison.Ordinal));
        Assert.Contains(log.Lines, l => l.Event.Id == 10);
        Assert.All(log.Lines, l => Assert.DoesNotContain("canary-secret", l.Text, StringComparison.Ordinal));
        Assert.All(log.Lines, l => Assert.DoesNotContain("__debezium_unavailable_value", l.Text, StringComparison.Ordinal));
        File.Delete(letters);

        void Sum(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "pipeline", Value: string pipeline } && pipeline == database) sums.AddOrUpdate(name, value, (_, old) => old + value);
            }
        }
    }

    [Fact]
    public void A_name_can_be_given_once() => Assert.Throws<ArgumentException>(() => new ServiceCollection().AddCdc("a").AddCdc("a"));

    /// <summary>A network that can be cut.</summary>
    private sealed class Gate() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        public volatile bool IsShut;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsShut ? throw new HttpRequestException("the network is cut") : base.SendAsync(request, cancellationToken);
    }
}
