using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Postgres;

namespace Cdc.Hosting.Internal;

/// <summary>What a pipeline reads from.</summary>
internal enum SourceKind
{
    Kafka,
    Postgres,
    Own,
}

/// <summary>What code says of a pipeline.</summary>
internal sealed class PipelineDefinition(string name)
{
    public string Name { get; } = name;

    /// <summary>What is read from; null when the configuration says.</summary>
    public SourceKind? From { get; set; }

    public Func<IServiceProvider, ILedger?, IChangeSource>? Source { get; set; }

    public Func<IServiceProvider, IChangeReader>? Reader { get; set; }

    public Func<IServiceProvider, IChangeSink>? Sink { get; set; }

    public Func<IServiceProvider, IDeadLetterSink>? DeadLetters { get; set; }

    public string? Connector { get; set; }

    public string? Catalog { get; set; }

    public Action<KafkaSourceOptions>? Kafka { get; set; }

    public Action<PostgresOptions>? Postgres { get; set; }

    /// <summary>Whether code asked for the reader of Debezium's messages.</summary>
    public bool IsDebezium { get; set; }

    public Action<DebeziumOptions>? Debezium { get; set; }

    public Action<ClickHouseOptions>? ClickHouse { get; set; }

    public Action<CdcDeadLetterOptions>? DeadLetterPlace { get; set; }

    public Action<KafkaDeadLetterOptions>? DeadLetterTopic { get; set; }

    public Action<PipelineOptions>? Loop { get; set; }

    public Action<CdcHostingOptions>? Hosting { get; set; }
}
