using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Postgres;
using Microsoft.Extensions.Options;

namespace Cdc.Hosting.Internal;

/// <summary>What stands for the settings of all pipelines among the host's options.</summary>
internal sealed class CheckedSettings;

/// <summary>Checks the settings of all pipelines when the host starts, before anything connects. Only parts of ours are made for it, never a user's.</summary>
internal sealed class SettingsCheck(HostSettings host, TimeProvider time) : IValidateOptions<CheckedSettings>
{
    public ValidateOptionsResult Validate(string? name, CheckedSettings options)
    {
        var problems = host.Unknown.Concat(host.Pipelines.SelectMany(Problems)).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : throw new CdcConfigurationException(problems);
    }

    /// <summary>The message of a caller's mistake without the parameter's name.</summary>
    public static string Words(ArgumentException failure)
    {
        var parameter = $" (Parameter '{failure.ParamName}')";
        return failure.Message.Replace(parameter, "", StringComparison.Ordinal);
    }

    private IEnumerable<string> Problems(PipelineSettings settings)
    {
        var definition = settings.Definition;
        foreach (var problem in settings.Problems) yield return problem;
        foreach (var problem in settings.Hosting.Problems()) yield return $"{settings.Path}:Hosting: {problem}";
        if (Mistake(() => Discard(new ChangePipeline(NoParts.Instance, NoParts.Instance, NoParts.Instance, options: settings.Loop))) is { } loop) yield return $"{settings.Path}:Pipeline: {loop}";
        if (settings.From == SourceKind.Kafka && Mistake(() => Discard(new KafkaChangeSource(settings.Kafka, null, time))) is { } kafka) yield return $"{settings.Path}:Kafka: {kafka}";
        foreach (var problem in settings.From == SourceKind.Postgres ? PostgresProblems(settings) : []) yield return problem;
        var isDebezium = settings.From != SourceKind.Postgres && definition.Reader is null;
        if (isDebezium && Mistake(() => Discard(new DebeziumReader(settings.Debezium))) is { } debezium) yield return $"{settings.Path}:Debezium: {debezium}";
        if (isDebezium && CatalogProblem(settings) is { } catalog) yield return catalog;
        if (definition.Sink is null && Mistake(() => Discard(new ClickHouseWriter(settings.ClickHouse, time))) is { } clickHouse) yield return $"{settings.Path}:ClickHouse: {clickHouse}";
        if (definition.DeadLetters is not null) yield break;
        foreach (var problem in settings.DeadLetters.Problems()) yield return $"{settings.Path}:DeadLetters: {problem}";

        // Where the source's own settings are wrong the topic's, which follow from them, would only repeat it.
        if (settings.DeadLetterPlace == CdcDeadLetterPlace.Kafka && Mistake(() => Discard(new KafkaDeadLetters(settings.DeadLetterTopic))) is { } topic
            && (settings.From != SourceKind.Kafka || Mistake(() => Discard(new KafkaChangeSource(settings.Kafka, null, time))) is null))
        {
            yield return $"{settings.Path}:DeadLetters: {topic}";
        }
    }

    private IEnumerable<string> PostgresProblems(PipelineSettings settings)
    {
        var definition = settings.Definition;
        if (Mistake(() => Discard(new PostgresChangeSource(settings.Postgres, NoLedger.Instance, time))) is { } postgres) yield return $"{settings.Path}:Postgres: {postgres}";
        if (definition.IsDebezium) yield return $"{settings.Path}: PostgreSQL's own log holds no messages of Debezium; leave Debezium out";
        if (definition.Sink is not null) yield return $"{settings.Path}: PostgreSQL's log is read on by the ledger, which a sink of your own does not have; make the source with From, with a ledger of your own";
        else if (!settings.Hosting.Ledger) yield return $"{settings.Path}:Hosting:Ledger is false; PostgreSQL's log is read on by the ledger, so leave it true";
    }

    private static string? CatalogProblem(PipelineSettings settings)
    {
        if (settings.Catalog is not { } file) return null;
        try
        {
            using var stream = File.OpenRead(file);
            SourceCatalogFile.Read(stream);
            return null;
        }
        catch (ChangeFormatException failure)
        {
            return $"{settings.Path}:Catalog: {failure.Message}";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException)
        {
            return $"{settings.Path}:Catalog cannot be read ({failure.GetType().Name})";
        }
    }

    private static string? Mistake(Action make)
    {
        try
        {
            make();
            return null;
        }
        catch (ArgumentException failure)
        {
            return Words(failure);
        }
    }

    private static void Discard(object part)
    {
        // Parts that never connected end at once.
        if (part is IAsyncDisposable disposable) disposable.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
