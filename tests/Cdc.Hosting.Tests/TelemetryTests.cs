using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Cdc.Hosting.Tests;

public sealed class TelemetryTests(Engine engine)
{
    private const string Producer = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private readonly string database = Engine.NewDatabase();

    private void Target(ClickHouse.ClickHouseOptions options) => (options.Endpoint, options.Database, options.User, options.Password) = (engine.Endpoint, database, "default", "canary-secret");

    [Fact]
    public async Task Metrics_say_what_the_report_says()
    {
        var letters = Path.Combine(Path.GetTempPath(), $"{database}.jsonl");
        using var host = new TestHost((s, _) => s.AddCdc("sales", cdc => cdc.From(_ => new CaptureSource(Engine.Capture("schema.jsonl.gz"))).DeadLettersToFile(letters).ToClickHouse(Target)));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.State == CdcPipelineState.Completed, "it completes");
        await host.StopAsync();
        var (status, seen) = (host.Status, host.Measurements);

        Assert.Equal(status.Messages, seen.Sum("cdc.messages"));
        Assert.Equal(status.Tables.Sum(t => t.DeadLettered), seen.Sum("cdc.dead_letters"));
        Assert.Equal(status.Tables.Sum(t => t.DeadLettered), (await File.ReadAllLinesAsync(letters, TestContext.Current.CancellationToken)).Length);
        Assert.Equal(status.Tables.Sum(t => t.Deletes), seen.Sum("cdc.events", ("op", "delete")));
        Assert.All(status.Tables, t =>
        {
            var table = ("table", (object?)t.Table.ToString());
            Assert.Equal(t.Applied, seen.Sum("cdc.rows.written", table));
            Assert.Equal(t.Applied, seen.Sum("cdc.batch.rows", table));
            Assert.Equal(t.Bytes, seen.Sum("cdc.bytes.written", table));
            Assert.Equal(t.Superseded, seen.Sum("cdc.rows.superseded", table));

            // Of a table that stopped it is not known which changes were durable before.
            if (t.Applied > 0 && t.Stopped is null) Assert.NotEmpty(seen.Values("cdc.end_to_end.latency", table));
        });
        Assert.True(status.Tables.Sum(t => t.DeadLettered) > 0 && status.Tables.Sum(t => t.Deletes) > 0, "the capture has both");
        Assert.Contains(seen.Values("cdc.batch.duration"), d => d > 0);
        Assert.All(seen.Values("cdc.end_to_end.latency"), l => Assert.InRange(l, 0, TimeSpan.FromDays(3650).TotalSeconds));
        Assert.Equal(status.Lag!.Value.TotalSeconds, seen.Gauge("cdc.source.lag_time"), 3);
        File.Delete(letters);
    }

    [Fact]
    public async Task No_value_and_no_secret_is_in_a_log_a_metric_a_trace_or_the_status()
    {
        using var traces = new Traces("canary");
        var dead = new List<DeadLetter>();
        var failures = 0;
        using var host = new TestHost((s, _) => s.AddCdc("canary", cdc => cdc
            .From(_ => failures++ == 0
                ? throw new InvalidOperationException("canary-secret", new FormatException("canary-value"))
                : new StepSource([Message(0, "2024-01-01"), Message(1, "9999-01-01"), new SourceMessage("shop.public.orders", 0, 2, Key(2), "{\"canary-value\""u8.ToArray()), Message(3, "canary-value")]))
            .DeadLetters(_ => new LetterList(dead))
            .Hosting(o => o.RestartDelay = TimeSpan.FromMilliseconds(10)).Pipeline(o => o.FlushInterval = TimeSpan.FromMilliseconds(50)).ToClickHouse(Target)));

        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.Messages == 4 && host.Status.Tables.Any(t => t.Applied == 1), "the good row is applied");
        var ready = await host.CheckAsync("cdc-ready");
        await host.StopAsync();

        Assert.Equal([1L, 2, 3], dead.Select(d => d.Position.Position));
        Assert.Contains(host.Log.Lines, l => l.Event.Id == 5000 && l.Text.Contains("shop.public.orders/0 at 1, column day, ValueRefused", StringComparison.Ordinal));
        Assert.Contains(host.Log.Lines, l => l.Event.Id == 1005 && l.Text.Contains(nameof(InvalidOperationException), StringComparison.Ordinal) && l.Text.Contains("   at ", StringComparison.Ordinal));
        var everything = string.Join('\n', host.Log.Lines.Select(l => l.Text).Concat(host.Measurements.Texts).Concat(traces.Spans.SelectMany(a => a.TagObjects.Select(t => $"{t.Value}").Append(a.DisplayName).Append(a.StatusDescription ?? "")))
            .Append($"{host.Status} {string.Join(',', host.Status.Tables)} {host.Status.LastError}").Append($"{ready.Description}"));
        Assert.Contains("public.orders", everything, StringComparison.Ordinal);
        foreach (var secret in new[] { "canary-secret", "canary-value", "9999" }) Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_is_one_span_with_links_to_the_producers_and_an_idle_pipeline_has_none()
    {
        using var traces = new Traces(database);
        var source = new StepSource([Message(0, "2024-01-01", Producer), Message(1, "2024-01-01"), Message(2, "2024-01-01", "nonsense")]) { Released = 0 };
        using var host = new TestHost((s, _) => s.AddCdc(database, cdc => cdc.From(_ => source).Pipeline(o => o.FlushInterval = TimeSpan.FromMilliseconds(20)).ToClickHouse(Target)));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.LastFlush is not null, "it flushes nothing");
        Assert.Empty(traces.Spans);

        source.Released = 3;
        await Engine.UntilAsync(() => host.Status.Tables.Sum(t => t.Applied) == 3, "it is applied");
        await host.StopAsync();

        var batch = Assert.Single(traces.Spans, s => s.DisplayName == $"process {database}");
        Assert.Equal(ActivityKind.Consumer, batch.Kind);
        Assert.Equal(Producer, $"00-{Assert.Single(batch.Links).Context.TraceId}-{batch.Links.Single().Context.SpanId}-01");
        Assert.Equal(3L, batch.GetTagItem("cdc.rows"));
        Assert.Equal(3L, batch.GetTagItem("messaging.batch.message_count"));
        Assert.Equal(batch.TraceId, Assert.Single(traces.Spans, s => s.DisplayName == $"commit {database}").TraceId);
    }

    private static byte[] Key(int id) => Encoding.UTF8.GetBytes($$"""
        {"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"shop.public.orders.Key"},"payload":{"id":{{id}} } }
        """);

    private static SourceMessage Message(int id, string day, string? producer = null)
    {
        // Days are numbers in an envelope; a text among them is malformed.
        var value = DateOnly.TryParse(day, out var date) ? $"{date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber}" : $"\"{day}\"";
        var bytes = Encoding.UTF8.GetBytes($$"""
            {"schema":{"type":"struct","name":"shop.public.orders.Envelope","optional":false,"fields":[{"field":"after","optional":true,"type":"struct","name":"shop.public.orders.Value","fields":[
            {"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"status"},{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1,"field":"day"}]}]},
            "payload":{"before":null,"after":{"id":{{id}},"status":"canary-value","day":{{value}} },
            "source":{"version":"3.3.1.Final","connector":"postgresql","name":"shop","ts_ms":1755866295123,"snapshot":"false","db":"shop","sequence":"[\"24023119\",\"2402312{{id}}\"]","schema":"public","table":"orders","txId":571,"lsn":2402312{{id}} },
            "op":"c","ts_ms":1755866295200} }
            """);
        var headers = producer is null ? null : new[] { new MessageHeader("traceparent", Encoding.ASCII.GetBytes(producer)) };
        return new SourceMessage("shop.public.orders", 0, id, Key(id), bytes) { Headers = headers };
    }

    private sealed class LetterList(List<DeadLetter> letters) : IDeadLetterSink
    {
        public ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
        {
            letters.Add(letter);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>The spans of one pipeline.</summary>
    private sealed class Traces : IDisposable
    {
        private readonly ActivityListener listener;

        public Traces(string pipeline)
        {
            listener = new ActivityListener
            {
                ShouldListenTo = s => s.Name == "Cdc",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = a =>
                {
                    if (a.GetTagItem("cdc.pipeline") as string == pipeline) Spans.Enqueue(a);
                },
            };
            ActivitySource.AddActivityListener(listener);
        }

        public ConcurrentQueue<Activity> Spans { get; } = [];

        public void Dispose() => listener.Dispose();
    }
}
