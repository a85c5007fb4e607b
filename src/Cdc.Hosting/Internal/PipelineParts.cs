using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;

namespace Cdc.Hosting.Internal;

/// <summary>The parts of one run of a pipeline. Making them connects to nothing.</summary>
internal sealed class PipelineParts : IAsyncDisposable
{
    private PipelineParts(IChangeSource source, IChangeSink sink, IDeadLetterSink? deadLetters, ILedger? ledger)
    {
        Source = source;
        Sink = sink;
        DeadLetters = deadLetters;
        Ledger = ledger;
    }

    public IChangeSource Source { get; }

    public IChangeSink Sink { get; }

    public IDeadLetterSink? DeadLetters { get; }

    public ILedger? Ledger { get; }

    /// <returns>The parts, or null where a problem was noted.</returns>
    public static PipelineParts? Create(PipelineDefinition definition, PipelineSettings settings, IServiceProvider services, TimeProvider time, List<string> problems)
    {
        var ledger = settings.Hosting.Ledger && definition.Sink is null
            ? Try("ClickHouse", () => new ClickHouseLedger(settings.ClickHouse, definition.Name, time: time), null)
            : null;
        var source = Try("Kafka", () => definition.Source?.Invoke(services, ledger) ?? new KafkaChangeSource(settings.Kafka, ledger, time), problems);
        var sink = Try("ClickHouse", () => definition.Sink?.Invoke(services) ?? new ClickHouseWriter(settings.ClickHouse, time), problems);
        var deadLetters = source is null ? null : Try("dead letters", () => DeadLettersOf(definition, settings, services), problems);
        return source is null || sink is null ? null : new PipelineParts(source, sink, deadLetters, ledger);

        T? Try<T>(string part, Func<T> make, List<string>? notes)
            where T : class?
        {
            try
            {
                return make();
            }
            catch (ArgumentException failure)
            {
                notes?.Add($"{definition.Name}: {part}: {failure.Message}");
                return null;
            }
        }
    }

    public static async Task<IChangeReader> ReaderAsync(PipelineDefinition definition, PipelineSettings settings, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (definition.Reader is { } own) return own(services);
        if (settings.Catalog is { } file)
        {
            await using var stream = File.OpenRead(file);
            return new DebeziumReader(settings.Debezium, SourceCatalogFile.Read(stream));
        }

        return new DebeziumReader(settings.Debezium, definition.Sink is null ? await ClickHouseCatalog.ReadAsync(settings.ClickHouse, cancellationToken).ConfigureAwait(false) : null);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        await Sink.DisposeAsync().ConfigureAwait(false);
        if (DeadLetters is not null) await DeadLetters.DisposeAsync().ConfigureAwait(false);
        (Ledger as IDisposable)?.Dispose();
    }

    private static IDeadLetterSink? DeadLettersOf(PipelineDefinition definition, PipelineSettings settings, IServiceProvider services) =>
        definition.HasOwnDeadLetters ? definition.DeadLetters?.Invoke(services)
        : definition.Source is null ? new KafkaDeadLetters(KafkaDeadLetterOptions.For(settings.Kafka))
        : null;
}
