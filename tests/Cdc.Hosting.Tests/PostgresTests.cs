using System.Text.Json;
using Cdc.Postgres;
using Cdc.Postgres.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Tests;

public sealed class PostgresTests(Engine engine, ServerFixture fixture) : IDisposable
{
    private readonly string name = Engine.NewDatabase();
    private readonly string letters = Path.Combine(Path.GetTempPath(), $"cdc-{Guid.NewGuid():N}.jsonl");

    private DatabaseServer Server => fixture.Server;

    public void Dispose() => File.Delete(letters);

    private (string, string?)[] Configuration() =>
    [
        ("Cdc:orders:Postgres:ConnectionString", $"{Server.ConnectionString};Password=canary-secret"), ("Cdc:orders:Postgres:Slot", name), ("Cdc:orders:Postgres:Publication", name),
        ("Cdc:orders:Postgres:Tables:0", $"{name}.orders"), ("Cdc:orders:Postgres:CreateSlot", "true"), ("Cdc:orders:Postgres:CreatePublication", "true"),
        ("Cdc:orders:ClickHouse:Endpoint", engine.Endpoint.ToString()), ("Cdc:orders:DeadLetters:File", letters), ("Cdc:orders:Pipeline:FlushInterval", "00:00:00.1"),
    ];

    private Task MakeTableAsync() => Server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.orders (id int PRIMARY KEY, note text, due date); INSERT INTO {name}.orders SELECT i, 'canary-value ' || i FROM generate_series(1, 1000) i;");

    private Task UntilRowsAsync(string query, string result) => Engine.UntilAsync(
        async () => await engine.QueryAsync($"SELECT {query} FROM {name}.orders_current") == result, $"{query} = {result}");

    [Fact]
    public async Task Configuration_alone_makes_a_pipeline_from_PostgreSQL_to_ClickHouse_that_goes_on_where_it_was()
    {
        await MakeTableAsync();
        using (var host = new TestHost((s, configuration) => s.AddCdc(configuration), Configuration()))
        {
            await host.StartAsync();
            await Engine.UntilAsync(() => host.Status.Snapshots is [{ State: PostgresSnapshotState.Finished }], "the snapshot is durable");
            await Server.ExecuteAsync($"UPDATE {name}.orders SET note = 'changed' WHERE id <= 10; DELETE FROM {name}.orders WHERE id > 990; INSERT INTO {name}.orders VALUES (2000, 'too late', 'infinity')");
            await UntilRowsAsync("count(), countIf(note = 'changed')", "990\t10");
            await Engine.UntilAsync(() => host.Status.Tables is [{ DeadLettered: 1 }] && host.Status.Slot is not null, "the refused row is among the dead letters");

            Assert.Equal(1000, host.Measurements.Gauge("cdc.snapshot.rows"));
            Assert.Equal(1, host.Measurements.Gauge("cdc.snapshot.progress"));
            Assert.InRange(host.Measurements.Gauge("cdc.source.slot.retained"), 1, 1L << 40);
            Assert.InRange(host.Measurements.Gauge("cdc.source.slot.lag"), 0, 1L << 40);
            Assert.InRange(host.Measurements.Gauge("cdc.buffer.bytes"), 0, 64 << 20);
            Assert.Empty(host.Measurements.Values("messaging.client.consumed.messages"));
            Assert.Equal(PostgresSlotHealth.Kept, host.Status.Slot!.Health);
            Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-ready")).Status);
            Assert.Contains("\"Health\":\"Kept\"", JsonSerializer.Serialize(host.Status), StringComparison.Ordinal);
            Assert.Contains("due", Assert.Single(await File.ReadAllLinesAsync(letters, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
            await host.StopAsync();
            Assert.DoesNotContain(host.Log.Lines, l => l.Text.Contains("canary", StringComparison.Ordinal));
            Assert.DoesNotContain(host.Measurements.Texts, t => t.Contains("canary", StringComparison.Ordinal));
        }

        await Server.ExecuteAsync($"INSERT INTO {name}.orders VALUES (3000, 'between two runs')");
        using var next = new TestHost((s, configuration) => s.AddCdc(configuration), Configuration());
        await next.StartAsync();
        await UntilRowsAsync("countIf(note = 'between two runs')", "1");
        Assert.Equal(0, next.Status.Snapshots.Sum(s => s.Rows));
        await next.StopAsync();
    }

    [Fact]
    public async Task What_the_check_at_the_start_finds_is_logged()
    {
        await MakeTableAsync();
        await Server.ExecuteAsync($"CREATE TABLE {name}.keyless (a int); CREATE PUBLICATION {name} FOR TABLE {name}.orders, {name}.keyless");
        await Server.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");
        using var host = new TestHost((s, _) => s.AddCdc("orders", cdc => cdc
            .FromPostgres(o => (o.ConnectionString, o.Slot, o.Publication) = (Server.ConnectionString, name, name)).ToClickHouse(o => o.Endpoint = engine.Endpoint)));

        await host.StartAsync();
        await UntilRowsAsync("count()", "1000");

        Assert.Contains(host.Log.Lines, l => l.Event.Id == 2100 && l.Level == LogLevel.Warning && l.Text.Contains("keyless", StringComparison.Ordinal));
        await host.StopAsync();
    }

    [Fact]
    public async Task What_cannot_work_fails_the_run_with_the_SQL_that_mends_it_and_it_starts_when_it_is_mended()
    {
        await MakeTableAsync();
        using var host = new TestHost((s, _) => s.AddCdc("orders", cdc => cdc.Hosting(o => (o.RestartDelay, o.MaxRestartDelay) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(200)))
            .FromPostgres(o => (o.ConnectionString, o.Slot, o.Publication, o.CreateSlot) = (Server.ConnectionString, name, name, true)).ToClickHouse(o => o.Endpoint = engine.Endpoint)));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.Restarts > 0, "it fails");
        Assert.Contains("CREATE PUBLICATION", host.Status.LastError, StringComparison.Ordinal);

        await Server.ExecuteAsync($"CREATE PUBLICATION {name} FOR TABLE {name}.orders");

        await UntilRowsAsync("count()", "1000");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_table_can_be_read_again_while_its_changes_flow()
    {
        await MakeTableAsync();
        using var host = new TestHost((s, configuration) => s.AddCdc(configuration), Configuration());
        var pipelines = host.Services.GetRequiredService<CdcPipelines>();
        Assert.False(pipelines.TryRepeatSnapshot("orders", name, "orders"));
        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.Snapshots is [{ State: PostgresSnapshotState.Finished }], "the snapshot is durable");
        await engine.QueryAsync($"TRUNCATE TABLE {name}.orders");

        Assert.False(pipelines.TryRepeatSnapshot("other", name, "orders"));
        Assert.False(pipelines.TryRepeatSnapshot("orders", name, "other"));
        Assert.True(pipelines.TryRepeatSnapshot("orders", name, "orders"));

        await UntilRowsAsync("count()", "1000");
        await host.StopAsync();
    }
}
