using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;

namespace Cdc.Hosting.Internal;

/// <summary>What code says of a pipeline.</summary>
internal sealed class PipelineDefinition(string name)
{
    public string Name { get; } = name;

    public Func<IServiceProvider, ILedger?, IChangeSource>? Source { get; set; }

    public Func<IServiceProvider, IChangeReader>? Reader { get; set; }

    public Func<IServiceProvider, IChangeSink>? Sink { get; set; }

    public Func<IServiceProvider, IDeadLetterSink>? DeadLetters { get; set; }

    public string? Connector { get; set; }

    public string? Catalog { get; set; }

    public Action<KafkaSourceOptions>? Kafka { get; set; }

    public Action<DebeziumOptions>? Debezium { get; set; }

    public Action<ClickHouseOptions>? ClickHouse { get; set; }

    public Action<CdcDeadLetterOptions>? DeadLetterPlace { get; set; }

    public Action<KafkaDeadLetterOptions>? DeadLetterTopic { get; set; }

    public Action<PipelineOptions>? Loop { get; set; }

    public Action<CdcHostingOptions>? Hosting { get; set; }
}
