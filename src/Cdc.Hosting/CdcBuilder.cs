using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Hosting.Internal;
using Cdc.Kafka;

namespace Cdc.Hosting;

/// <summary>Says in code what a pipeline is made of. What is not said comes from the configuration.</summary>
public sealed class CdcBuilder
{
    private readonly PipelineDefinition definition;

    internal CdcBuilder(PipelineDefinition definition) => this.definition = definition;

    /// <summary>Reads from Kafka (section <c>Kafka</c>). The default source; dead letters then go to the topic <c>GROUP.dead-letters</c>.</summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder FromKafka(Action<KafkaSourceOptions>? configure = null)
    {
        definition.Source = null;
        definition.Kafka += configure;
        return this;
    }

    /// <summary>Reads from a source of your own.</summary>
    /// <param name="source">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder From(Func<IServiceProvider, ILedger?, IChangeSource> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        definition.Source = source;
        return this;
    }

    /// <summary>
    /// Reads Debezium's messages (section <c>Debezium</c>). The default reader. <c>Connector</c> beside the section names a connector's JSON file,
    /// <c>Catalog</c> a file of the source's tables; without one, messages without schema are read by the target's tables.
    /// </summary>
    /// <param name="configure">Runs after the configuration was bound.</param>
    public CdcBuilder Debezium(Action<DebeziumOptions>? configure = null)
    {
        definition.Reader = null;
        definition.Debezium += configure;
        return this;
    }

    /// <summary>Reads with a reader of your own.</summary>
    /// <param name="reader">Makes it, anew for each start of the pipeline.</param>
    public CdcBuilder Reader(Func<IServiceProvider, IChangeReader> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
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

    /// <summary>Writes to a sink of your own.</summary>
    /// <param name="sink">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder To(Func<IServiceProvider, IChangeSink> sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        definition.Sink = sink;
        return this;
    }

    /// <summary>Puts dead letters into a place of your own, or with null nowhere: a message that cannot be applied then stops its table.</summary>
    /// <param name="deadLetters">Makes it, anew for each start of the pipeline; the pipeline disposes it.</param>
    public CdcBuilder DeadLetters(Func<IServiceProvider, IDeadLetterSink>? deadLetters)
    {
        definition.HasOwnDeadLetters = true;
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
}
