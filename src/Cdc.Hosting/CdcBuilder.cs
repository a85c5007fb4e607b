using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Hosting.Internal;
using Cdc.Kafka;
using Cdc.Postgres;

namespace Cdc.Hosting;

/// <summary>Says in code what a pipeline is made of. What is not said comes from the configuration; what is said overrides it.</summary>
public sealed class CdcBuilder
{
    private readonly PipelineDefinition definition;

    internal CdcBuilder(PipelineDefinition definition) => this.definition = definition;

    /// <summary>Reads from Kafka (section <c>Kafka</c>). The default source; dead letters then go to the topic <c>GROUP.dead-letters</c>.</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder FromKafka(Action<KafkaSourceOptions>? configure = null)
    {
        definition.From = SourceKind.Kafka;
        definition.Kafka += configure;
        return this;
    }

    /// <summary>
    /// Reads straight from PostgreSQL (section <c>Postgres</c>), with the reader that belongs to it. It goes on by the ledger, so it needs <see cref="ToClickHouse"/>.
    /// Without a place for dead letters a row that cannot be applied stops its table, and the server keeps its log from there on: name one.
    /// </summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder FromPostgres(Action<PostgresOptions>? configure = null)
    {
        definition.From = SourceKind.Postgres;
        definition.Postgres += configure;
        return this;
    }

    /// <summary>Reads from a source of your own.</summary>
    /// <param name="source">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder From(Func<IServiceProvider, IChangeSource> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return From((services, _) => source(services));
    }

    /// <summary>Reads from a source of your own that goes on where the ledger says.</summary>
    /// <param name="source">Makes it, anew for each start of the pipeline, from the services and the ledger (null without one); the pipeline disposes it.</param>
    public CdcBuilder From(Func<IServiceProvider, ILedger?, IChangeSource> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        definition.From = SourceKind.Own;
        definition.Source = source;
        return this;
    }

    /// <summary>Reads Debezium's messages (section <c>Debezium</c>). The default reader, except of PostgreSQL's own log.</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    /// <param name="catalog">A file of the source's tables (setting <c>Catalog</c>); without one, messages without schema are read by the target's tables.</param>
    /// <param name="connector">A connector's JSON file (setting <c>Connector</c>), of which the section is then a change.</param>
    public CdcBuilder Debezium(Action<DebeziumOptions>? configure = null, string? catalog = null, string? connector = null)
    {
        definition.Reader = null;
        definition.IsDebezium = true;
        definition.Debezium += configure;
        definition.Catalog = catalog ?? definition.Catalog;
        definition.Connector = connector ?? definition.Connector;
        return this;
    }

    /// <summary>Reads with a reader of your own.</summary>
    /// <param name="reader">Makes it, anew for each start of the pipeline.</param>
    public CdcBuilder Reader(Func<IServiceProvider, IChangeReader> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        definition.IsDebezium = false;
        definition.Reader = reader;
        return this;
    }

    /// <summary>Writes to ClickHouse (section <c>ClickHouse</c>) and keeps the ledger there. The default sink.</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder ToClickHouse(Action<ClickHouseOptions>? configure = null)
    {
        definition.Sink = null;
        definition.ClickHouse += configure;
        return this;
    }

    /// <summary>Writes to a sink of your own. There is no ledger then.</summary>
    /// <param name="sink">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder To(Func<IServiceProvider, IChangeSink> sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        definition.Sink = sink;
        return this;
    }

    /// <summary>Puts dead letters into a Kafka topic (section <c>DeadLetters</c>): the default with <see cref="FromKafka"/>.</summary>
    /// <param name="configure">Runs after the source's settings and the configuration were taken over.</param>
    public CdcBuilder DeadLettersToKafka(Action<KafkaDeadLetterOptions>? configure = null)
    {
        definition.DeadLetterTopic += configure;
        return DeadLettersTo(CdcDeadLetterPlace.Kafka, null);
    }

    /// <summary>Appends dead letters to a file, which is a capture that can be applied when mended. It holds rows.</summary>
    /// <param name="path">The file.</param>
    public CdcBuilder DeadLettersToFile(string path) => DeadLettersTo(CdcDeadLetterPlace.File, path);

    /// <summary>Keeps no dead letters: a message that cannot be applied stops its table.</summary>
    public CdcBuilder WithoutDeadLetters() => DeadLettersTo(CdcDeadLetterPlace.None, null);

    /// <summary>Puts dead letters into a place of your own.</summary>
    /// <param name="deadLetters">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder DeadLetters(Func<IServiceProvider, IDeadLetterSink> deadLetters)
    {
        ArgumentNullException.ThrowIfNull(deadLetters);
        definition.DeadLetters = deadLetters;
        return this;
    }

    /// <summary>Sets how the loop runs (section <c>Pipeline</c>).</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder Pipeline(Action<PipelineOptions> configure)
    {
        definition.Loop += configure;
        return this;
    }

    /// <summary>Sets how the host treats the pipeline (section <c>Hosting</c>).</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder Hosting(Action<CdcHostingOptions> configure)
    {
        definition.Hosting += configure;
        return this;
    }

    private CdcBuilder DeadLettersTo(CdcDeadLetterPlace place, string? file)
    {
        definition.DeadLetters = null;
        definition.DeadLetterPlace += options => (options.To, options.File) = (place, file);
        return this;
    }
}
