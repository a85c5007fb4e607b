using Cdc.Hosting;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = WebApplication.CreateBuilder(args);

// Everything else is in appsettings.json, section Cdc:orders; the environment overrides it (Cdc__orders__ClickHouse__Password).
builder.Services.AddCdc("orders", cdc => cdc.FromKafka().Debezium().ToClickHouse());
builder.Services.AddHealthChecks().AddCdc();

var telemetry = builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter("Cdc").AddPrometheusExporter())
    .WithTracing(tracing => tracing.AddSource("Cdc"));

// OTLP goes where the standard variable OTEL_EXPORTER_OTLP_ENDPOINT says.
if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not null)
{
    telemetry.WithMetrics(metrics => metrics.AddOtlpExporter()).WithTracing(tracing => tracing.AddOtlpExporter());
}

var app = builder.Build();
app.MapHealthChecks("/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.MapPrometheusScrapingEndpoint("/metrics");
app.MapGet("/status", (CdcPipelines pipelines) => pipelines.Status);

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
