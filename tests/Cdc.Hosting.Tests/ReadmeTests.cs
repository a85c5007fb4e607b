using System.Diagnostics.Metrics;
using System.Reflection;
using Cdc.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Tests;

public sealed class ReadmeTests
{
    private static string Readme
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Cdc.slnx"))) folder = folder.Parent!;
            return File.ReadAllText(Path.Combine(folder.FullName, "src", "Cdc.Hosting", "README.md"));
        }
    }

    [Fact]
    public void Every_instrument_is_listed()
    {
        var names = new List<string>();
        using var listener = new MeterListener();
        using var meters = new OwnMeters();
        _ = new PipelineMetrics(meters, new CdcPipelines());
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == meters) names.Add(instrument.Name);
        };
        listener.Start();

        Assert.NotEmpty(names);
        Assert.All(names, n => Assert.Contains($"`{n}`", Readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_event_id_is_listed()
    {
        var ids = typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>().Select(a => $"{a.EventId}").ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Contains(id, Readme, StringComparison.Ordinal));
    }

    private sealed class OwnMeters : IMeterFactory
    {
        private readonly List<Meter> meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            meters.Add(meter);
            return meter;
        }

        public void Dispose() => meters.ForEach(m => m.Dispose());
    }
}
