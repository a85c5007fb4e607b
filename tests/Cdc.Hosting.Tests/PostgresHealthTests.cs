using Cdc.Postgres.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Cdc.Hosting.Tests;

public sealed class PostgresHealthTests(Engine engine)
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private readonly string name = Engine.NewDatabase();

    /// <summary>Lets time pass until something holds.</summary>
    private Task PassUntilAsync(Func<Task<bool>> holds, string what) => Engine.UntilAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return holds();
        },
        what);

    private async Task<TestHost> StartAsync(DatabaseServer server, Uri target)
    {
        await server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.orders (id int PRIMARY KEY); INSERT INTO {name}.orders SELECT generate_series(1, 100)");
        var host = new TestHost((s, _) => s.AddSingleton<TimeProvider>(time).AddCdc("orders", cdc => cdc
            .FromPostgres(o =>
            {
                (o.ConnectionString, o.Slot, o.Publication, o.CreateSlot, o.CreatePublication) = ($"{server.ConnectionString};Password=canary", name, name, true, true);
                o.Tables.Add($"{name}.orders");
                o.MaxReconnectDelay = TimeSpan.FromSeconds(1);
            })
            .ToClickHouse(o => (o.Endpoint, o.Retry.MaxDelay) = (target, TimeSpan.FromSeconds(1)))));
        await host.StartAsync();
        await PassUntilAsync(async () => await CountAsync() == "100" && (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Healthy && host.Status.Slot is not null, "it is ready");
        return host;
    }

    private Task<string> CountAsync() => engine.QueryAsync($"SELECT count() FROM {name}.orders_current");

    [Fact]
    public async Task While_PostgreSQL_is_away_the_pipeline_is_degraded_and_after_a_minute_not_ready_and_it_comes_back()
    {
        await using var server = await DatabaseServer.StartAsync();
        using var host = await StartAsync(server, engine.Endpoint);

        await server.StopAsync();
        await PassUntilAsync(async () => (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Degraded, "it is degraded");
        Assert.NotEmpty(host.Status.Warnings);
        Assert.DoesNotContain("canary", (await host.CheckAsync("cdc-ready")).Description, StringComparison.Ordinal);
        await PassUntilAsync(async () => (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Unhealthy, "it is not ready");
        Assert.Contains("trying again since", (await host.CheckAsync("cdc-ready")).Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-live")).Status);
        Assert.NotEqual(0, host.Measurements.Sum("cdc.retries", ("stage", "source")));

        await server.StartAgainAsync();
        await PassUntilAsync(async () => (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Healthy, "it is ready again with nothing changed");
        await server.ExecuteAsync($"INSERT INTO {name}.orders VALUES (101)");
        await PassUntilAsync(async () => await CountAsync() == "101", "changes flow again");
        Assert.Empty(host.Status.Warnings);
        Assert.Contains(host.Log.Lines, l => l.Event.Id == 2101);
        Assert.Contains(host.Log.Lines, l => l.Event.Id == 2102);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_slot_whose_log_runs_out_makes_the_pipeline_degraded_before_it_is_lost()
    {
        await using var server = await DatabaseServer.StartAsync("-c max_slot_wal_keep_size=256MB");
        using var gateway = new Gateway(engine.Endpoint).Open();
        using var host = await StartAsync(server, gateway.Endpoint);
        Assert.InRange(host.Measurements.Gauge("cdc.source.slot.safe"), 224 << 20, 300 << 20);

        gateway.Close();
        await server.ExecuteAsync($"INSERT INTO {name}.orders VALUES (101)");
        for (var i = 0; i < 15; i++) await server.ExecuteAsync($"SELECT pg_logical_emit_message(true, 'noise', 'x'); SELECT pg_switch_wal()");

        await PassUntilAsync(async () => (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Degraded, "it is degraded");
        Assert.Contains("MiB more of log", (await host.CheckAsync("cdc-ready")).Description, StringComparison.Ordinal);
        Assert.InRange(host.Measurements.Gauge("cdc.source.slot.retained"), 200 << 20, 256 << 20);

        gateway.Open();
        await PassUntilAsync(async () => await CountAsync() == "101" && (await host.CheckAsync("cdc-ready")).Status == HealthStatus.Healthy, "it has caught up");
        await host.StopAsync();
    }
}
