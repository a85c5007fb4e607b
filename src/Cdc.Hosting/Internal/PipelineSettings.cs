using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Postgres;
using Microsoft.Extensions.Configuration;

namespace Cdc.Hosting.Internal;

/// <summary>The settings of a pipeline: the configuration first, then code. What cannot be read is noted and not thrown.</summary>
internal sealed class PipelineSettings
{
    private static readonly string[] Sections = ["Kafka", "Postgres", "Debezium", "ClickHouse", "DeadLetters", "Pipeline", "Hosting", "Connector", "Catalog"];
    private readonly List<string> problems = [];

    public PipelineSettings(PipelineDefinition definition, IConfigurationSection section)
    {
        Definition = definition;
        Path = section.Path;
        foreach (var unknown in section.GetChildren().Where(c => !Sections.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
        {
            problems.Add($"{unknown.Path} is no setting{SimilarName.Hint(unknown.Key, Sections)}");
        }

        // An empty section is none.
        bool Has(string name) => section.GetSection(name).Exists();
        From = definition.From ?? (Has("Postgres") ? SourceKind.Postgres : SourceKind.Kafka);
        if (definition.From is null && Has("Postgres") && Has("Kafka")) problems.Add($"{Path} has the sections Kafka and Postgres; a pipeline reads from one of them");
        Catalog = definition.Catalog ?? section["Catalog"];
        Debezium = Connector(definition.Connector ?? section["Connector"]) ?? new DebeziumOptions();
        var binder = new OptionsBinder(problems);
        binder.Bind(section.GetSection("Kafka"), Kafka);
        definition.Kafka?.Invoke(Kafka);
        binder.Bind(section.GetSection("Postgres"), Postgres);
        definition.Postgres?.Invoke(Postgres);
        binder.Bind(section.GetSection("Debezium"), Debezium);
        definition.Debezium?.Invoke(Debezium);
        binder.Bind(section.GetSection("ClickHouse"), ClickHouse);
        definition.ClickHouse?.Invoke(ClickHouse);
        binder.Bind(section.GetSection("Pipeline"), Loop);
        definition.Loop?.Invoke(Loop);
        binder.Bind(section.GetSection("Hosting"), Hosting);
        definition.Hosting?.Invoke(Hosting);

        // The topic is beside the source's unless something else is said.
        DeadLetterTopic = From == SourceKind.Kafka ? KafkaDeadLetterOptions.For(Kafka) : new KafkaDeadLetterOptions();
        binder.Bind(section.GetSection("DeadLetters"), DeadLetters, DeadLetterTopic);
        definition.DeadLetterPlace?.Invoke(DeadLetters);
        definition.DeadLetterTopic?.Invoke(DeadLetterTopic);
    }

    public PipelineDefinition Definition { get; }

    public string Name => Definition.Name;

    /// <summary>The path of the configuration section.</summary>
    public string Path { get; }

    public SourceKind From { get; }

    public KafkaSourceOptions Kafka { get; } = new();

    public PostgresOptions Postgres { get; } = new();

    public DebeziumOptions Debezium { get; }

    public ClickHouseOptions ClickHouse { get; } = new();

    public CdcDeadLetterOptions DeadLetters { get; } = new();

    public KafkaDeadLetterOptions DeadLetterTopic { get; }

    public PipelineOptions Loop { get; } = new();

    public CdcHostingOptions Hosting { get; } = new();

    /// <summary>The file of the source's tables, or null.</summary>
    public string? Catalog { get; }

    public CdcDeadLetterPlace DeadLetterPlace => DeadLetters.To ?? (DeadLetters.File is not null ? CdcDeadLetterPlace.File : From == SourceKind.Kafka ? CdcDeadLetterPlace.Kafka : CdcDeadLetterPlace.None);

    public bool HasLedger => Hosting.Ledger && Definition.Sink is null;

    /// <summary>How long the pipeline may be without a flush or try again and still be ready.</summary>
    public TimeSpan ReadyWithin => Hosting.ReadyWithin > Loop.FlushInterval * 2 ? Hosting.ReadyWithin : Loop.FlushInterval * 2;

    /// <summary>What could not be read from the configuration.</summary>
    public IReadOnlyList<string> Problems => problems;

    private DebeziumOptions? Connector(string? file)
    {
        if (file is null) return null;
        try
        {
            return DebeziumOptions.FromConnector(File.ReadAllBytes(file));
        }
        catch (ArgumentException wrong)
        {
            problems.Add($"{Path}:Connector: {SettingsCheck.Words(wrong)}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or CdcException)
        {
            problems.Add($"{Path}:Connector cannot be read as a connector's JSON ({failure.GetType().Name})");
        }

        return null;
    }
}
