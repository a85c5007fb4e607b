using System.Diagnostics;
using Cdc.ClickHouse;
using Cdc.Kafka;
using Cdc.Postgres;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting.Internal;

/// <summary>Turns what happens in one run of a pipeline into its status, metrics and logs. No value of a row goes through it.</summary>
internal sealed class RunObserver(PipelineSettings settings, PipelineMetrics metrics, StatusBoard board, ILogger logger, TimeProvider time)
{
    private const int LettersLogged = 20;
    private readonly KeyValuePair<string, object?> tag = new(TelemetryNames.Pipeline, settings.Name);
    private readonly Lock gate = new();
    private readonly HashSet<TableId> stopsLogged = [];
    private int letters;

    public string Pipeline => settings.Name;

    public PipelineMetrics Metrics => metrics;

    public StatusBoard Board => board;

    public TimeProvider Time => time;

    /// <summary>The consumer group, or null where the source is not Kafka.</summary>
    public string? Group => settings.From == SourceKind.Kafka ? settings.Kafka.GroupId : null;

    /// <summary>The producers' spans of the messages since the last flush.</summary>
    public List<ActivityLink> Links { get; } = [];

    /// <summary>Messages since the last flush.</summary>
    public long MessagesSinceFlush { get; set; }

    /// <summary>How old the newest change of the last flush was when it became durable.</summary>
    public TimeSpan? FlushLag { get; set; }

    public TagList Tags(params ReadOnlySpan<KeyValuePair<string, object?>> more)
    {
        TagList tags = [tag];
        foreach (var one in more) tags.Add(one);
        return tags;
    }

    public static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    /// <summary>Words for a failure that hold no value: those of our own exceptions, and of others the type alone.</summary>
    public static string Words(Exception failure) => failure switch
    {
        CdcException => failure.Message,
        ArgumentException mistake when IsOurs(failure) => SettingsCheck.Words(mistake),
        _ when IsOurs(failure) => failure.Message,
        _ => $"an unexpected {failure.GetType().Name}",
    };

    public static bool IsOurs(Exception failure) =>
        failure is CdcException || failure.Source is "Cdc.Abstractions" or "Cdc.ClickHouse" or "Cdc.Debezium" or "Cdc.Kafka" or "Cdc.Postgres" or "Cdc.Hosting";

    /// <summary>Runs a call of a part: its failure is counted, and one that is tried again is shown until the call succeeds.</summary>
    public async ValueTask<T> CallAsync<T>(string stage, Func<ValueTask<T>> call)
    {
        try
        {
            var result = await call().ConfigureAwait(false);
            if (board.Recovered(stage)) Log.Recovered(logger, settings.Name, stage);
            return result;
        }
        catch (Exception failure)
        {
            Failed(stage, failure);
            throw;
        }
    }

    /// <inheritdoc cref="CallAsync{T}"/>
    public async ValueTask CallAsync(string stage, Func<ValueTask> call) => await CallAsync(stage, async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    }).ConfigureAwait(false);

    public void Failed(string stage, Exception failure)
    {
        // What concerns a row or a table becomes a dead letter or a stop, and is counted there.
        if (failure is OperationCanceledException or TableStoppedException or ValueRefusedException or ChangeFormatException) return;
        metrics.Errors.Add(1, Tags(Tag(TelemetryNames.Stage, stage), Tag(TelemetryNames.ErrorType, failure.GetType().Name)));
        if (failure is not CdcException { IsTransient: true }) return;
        metrics.Retries.Add(1, Tags(Tag(TelemetryNames.Stage, stage)));
        if (board.Retrying(stage, failure.Message)) Log.Retrying(logger, settings.Name, stage, failure.Message);
    }

    public void Letter(DeadLetter letter)
    {
        metrics.DeadLetters.Add(1, Tags(Tag(TelemetryNames.Table, letter.Table?.ToString() ?? letter.Position.Topic), Tag(TelemetryNames.Reason, letter.Reason.ToString())));
        if (++letters <= LettersLogged) Log.DeadLetter(logger, settings.Name, letter.Position.Topic, letter.Position.Partition, letter.Position.Position, letter.Column, letter.Reason, letter.Detail);
    }

    public void Flushed(PipelineReport report)
    {
        board.Flushed(report, FlushLag);
        if (letters > LettersLogged) Log.MoreDeadLetters(logger, settings.Name, letters - LettersLogged);
        letters = 0;
        foreach (var table in report.Tables)
        {
            if (table.Stopped is { } reason) Stopped(table.Table, reason);
        }
    }

    public void Happened(ClickHouseTableStatus status)
    {
        if (status.Stopped is { } reason)
        {
            Stopped(status.Table, reason);
        }
        else if (status.IsRetrying)
        {
            metrics.Retries.Add(1, Tags(Tag(TelemetryNames.Stage, "insert")));
            Log.TableRetries(logger, settings.Name, status.Table, status.LastError ?? "");
        }
        else
        {
            Log.TableRecovered(logger, settings.Name, status.Table);
        }
    }

    public void Happened(KafkaSourceEvent happened)
    {
        if (happened.Kind is KafkaSourceEventKind.Assigned or KafkaSourceEventKind.Revoked or KafkaSourceEventKind.Lost) metrics.Rebalances.Add(1, Tags());
        var level = happened.Kind switch
        {
            KafkaSourceEventKind.Stopped => LogLevel.Error,
            KafkaSourceEventKind.Assigned or KafkaSourceEventKind.Revoked or KafkaSourceEventKind.Paused or KafkaSourceEventKind.Resumed => LogLevel.Information,
            _ => LogLevel.Warning,
        };
        Log.Kafka(logger, level, settings.Name, happened.Kind, happened.Message);
    }

    public void Happened(PostgresSourceEvent happened)
    {
        if (happened.Kind == PostgresSourceEventKind.Reconnecting) metrics.Retries.Add(1, Tags(Tag(TelemetryNames.Stage, "source")));
        var level = happened.Finding?.Severity == PostgresFindingSeverity.Note ? LogLevel.Information : LogLevel.Warning;
        Log.Postgres(logger, level, settings.Name, happened.Kind, happened.Message);
    }

    private void Stopped(TableId table, string reason)
    {
        lock (gate)
        {
            if (!stopsLogged.Add(table)) return;
        }

        Log.TableStopped(logger, settings.Name, table, reason);
    }
}
