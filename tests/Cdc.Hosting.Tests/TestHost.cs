using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Tests;

/// <summary>A host as a user builds one, whose logs and measurements are kept.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly IHost host;

    public TestHost(Action<IServiceCollection, IConfiguration> add, IEnumerable<(string Key, string? Value)>? configuration = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection((configuration ?? []).Select(c => KeyValuePair.Create(c.Key, c.Value)));
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        builder.Services.AddHealthChecks().AddCdc();
        add(builder.Services, builder.Configuration);
        host = builder.Build();
        Measurements = new Measurements(host.Services.GetRequiredService<IMeterFactory>());
    }

    public LogLines Log { get; } = new();

    public Measurements Measurements { get; }

    public IServiceProvider Services => host.Services;

    public CdcPipelineStatus Status => host.Services.GetRequiredService<CdcPipelines>().Status.Single();

    public Task StartAsync() => host.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => host.StopAsync(TestContext.Current.CancellationToken);

    public async Task<HealthReportEntry> CheckAsync(string name) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries[name];

    public void Dispose()
    {
        Measurements.Dispose();
        host.Dispose();
    }
}

/// <summary>What the meters of one host measured.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> all = [];

    public Measurements(IMeterFactory host)
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Cdc" && instrument.Meter.Scope == host) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => all.Enqueue((instrument.Name, value, Copy(tags))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => all.Enqueue((instrument.Name, value, Copy(tags))));
        listener.Start();
    }

    public double Sum(string name, params (string Key, object? Value)[] tags) => Values(name, tags).Sum();

    /// <summary>Everything measured under a name; gauges are looked at now.</summary>
    public IReadOnlyList<double> Values(string name, params (string Key, object? Value)[] tags) =>
        [.. all.Where(m => m.Name == name && tags.All(t => Equals(m.Tags.GetValueOrDefault(t.Key), t.Value))).Select(m => m.Value)];

    public IEnumerable<string> Texts => all.SelectMany(m => m.Tags.Values).Select(v => $"{v}");

    /// <summary>What a gauge shows now.</summary>
    public double Gauge(string name)
    {
        listener.RecordObservableInstruments();
        return Values(name)[^1];
    }

    public void Dispose() => listener.Dispose();

    private static Dictionary<string, object?> Copy(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, object?>();
        foreach (var (key, value) in tags) copy[key] = value;
        return copy;
    }
}

/// <summary>Keeps every line that is logged, exceptions included.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Event, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, eventId, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
