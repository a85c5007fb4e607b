using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Microsoft.Extensions.Configuration;

namespace Cdc.Hosting.Internal;

/// <summary>The settings of a pipeline: the configuration first, then code. Whatever is wrong is noted and not thrown.</summary>
internal sealed class PipelineSettings
{
    private static readonly string[] Sections = ["Kafka", "Debezium", "ClickHouse", "Pipeline", "Hosting", "Connector", "Catalog"];
    private readonly List<string> problems = [];
    private readonly PipelineDefinition definition;
    private readonly IConfigurationSection section;

    public PipelineSettings(PipelineDefinition definition, IConfiguration? configuration)
    {
        this.definition = definition;
        section = (configuration ?? new ConfigurationBuilder().Build()).GetSection($"Cdc:{definition.Name}");
        foreach (var unknown in section.GetChildren().Where(c => !Sections.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
        {
            problems.Add($"{definition.Name}: {unknown.Path} is no setting; there are {string.Join(", ", Sections)}");
        }

        Debezium = Connector() is { } connector ? connector : new DebeziumOptions();
        Bind("Kafka", Kafka, definition.Kafka);
        Bind("Debezium", Debezium, definition.Debezium);
        Bind("ClickHouse", ClickHouse, definition.ClickHouse);
        Bind("Pipeline", Loop, definition.Loop);
        Bind("Hosting", Hosting, definition.Hosting);
        problems.AddRange(Hosting.Problems().Select(p => $"{definition.Name}: Hosting.{p}"));
        if (Catalog is { } file && !File.Exists(file)) problems.Add($"{definition.Name}: there is no catalog file {file}");
    }

    public KafkaSourceOptions Kafka { get; } = new();

    public DebeziumOptions Debezium { get; }

    public ClickHouseOptions ClickHouse { get; } = new();

    public PipelineOptions Loop { get; } = new();

    public CdcHostingOptions Hosting { get; } = new();

    public string? Catalog => section["Catalog"];

    public IReadOnlyList<string> Problems => problems;

    private DebeziumOptions? Connector()
    {
        if (section["Connector"] is not { } file) return null;
        try
        {
            return DebeziumOptions.FromConnector(File.ReadAllBytes(file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or FormatException or CdcException)
        {
            problems.Add($"{definition.Name}: the connector's file cannot be read: {failure.Message}");
            return null;
        }
    }

    private void Bind<T>(string name, T options, Action<T>? code)
        where T : class
    {
        try
        {
            section.GetSection(name).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
            code?.Invoke(options);
        }
        catch (InvalidOperationException failure)
        {
            // The binder's text names keys and types; only its cause could quote a value.
            problems.Add($"{definition.Name}: {name}: {failure.Message}");
        }
    }
}
