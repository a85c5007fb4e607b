using Cdc.Hosting;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;

var builder = WebApplication.CreateBuilder(args);

// Everything else is in appsettings.json, section Cdc:orders. The password comes from the environment: PGPASSWORD, or Cdc__orders__Postgres__ConnectionString.
builder.Services.AddCdc("orders", cdc => cdc.FromPostgres().ToClickHouse());
builder.Services.AddHealthChecks().AddCdc();
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Cdc").AddPrometheusExporter());

var app = builder.Build();
app.MapHealthChecks("/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.MapPrometheusScrapingEndpoint("/metrics");
app.MapGet("/status", (CdcPipelines pipelines) => pipelines.Status);
app.MapPost("/snapshots/{schema}/{table}", (CdcPipelines pipelines, string schema, string table) =>
    pipelines.TryRepeatSnapshot("orders", schema, table) ? Results.Accepted() : Results.NotFound());

try
{
    await app.RunAsync();
    return 0;
}
catch (CdcConfigurationException problems)
{
    await Console.Error.WriteLineAsync(problems.Message);
    return 2;
}
