using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Postgres;

namespace Cdc.Hosting.Internal;

/// <summary>The parts of one run of a pipeline, and their owner. Making them connects to nothing.</summary>
internal sealed class PipelineParts : IAsyncDisposable
{
    private readonly PipelineSettings settings;
    private readonly IServiceProvider services;
    private ClickHouseLedger? ledger;

    private PipelineParts(PipelineSettings settings, IServiceProvider services) => (this.settings, this.services) = (settings, services);

    public IChangeSource Source { get; private set; } = NoParts.Instance;

    public IChangeSink Sink { get; private set; } = NoParts.Instance;

    public IDeadLetterSink? DeadLetters { get; private set; }

    public ILedger? Ledger => ledger;

    public static async Task<PipelineParts> CreateAsync(PipelineSettings settings, IServiceProvider services, TimeProvider time)
    {
        var parts = new PipelineParts(settings, services);
        try
        {
            parts.Make(time);
            return parts;
        }
        catch
        {
            await parts.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes the reader. Without a catalog of the source it asks the target for its tables.</summary>
    public async Task<IChangeReader> ReaderAsync(CancellationToken cancellationToken)
    {
        if (settings.Definition.Reader is { } own) return own(services);
        if (settings.From == SourceKind.Postgres) return new PostgresReader();
        if (settings.Catalog is { } file)
        {
            await using var stream = File.OpenRead(file);
            return new DebeziumReader(settings.Debezium, SourceCatalogFile.Read(stream));
        }

        var catalog = settings.Definition.Sink is null ? await ClickHouseCatalog.ReadAsync(settings.ClickHouse, cancellationToken).ConfigureAwait(false) : null;
        return new DebeziumReader(settings.Debezium, catalog);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        await Sink.DisposeAsync().ConfigureAwait(false);
        if (DeadLetters is not null) await DeadLetters.DisposeAsync().ConfigureAwait(false);
        ledger?.Dispose();
    }

    private void Make(TimeProvider time)
    {
        var definition = settings.Definition;
        ledger = settings.HasLedger ? new ClickHouseLedger(settings.ClickHouse, settings.Name, time: time) : null;
        Source = settings.From switch
        {
            SourceKind.Own => definition.Source!(services, ledger),
            SourceKind.Postgres => new PostgresChangeSource(settings.Postgres, ledger!, time),
            _ => new KafkaChangeSource(settings.Kafka, ledger, time),
        };
        Sink = definition.Sink is { } sink ? sink(services) : new ClickHouseWriter(settings.ClickHouse, time);
        DeadLetters = definition.DeadLetters is { } letters ? letters(services) : settings.DeadLetterPlace switch
        {
            CdcDeadLetterPlace.Kafka => new KafkaDeadLetters(settings.DeadLetterTopic),
            CdcDeadLetterPlace.File => new CaptureDeadLetters(settings.DeadLetters.File!, append: true),
            _ => null,
        };
    }
}
