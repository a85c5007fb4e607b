using Cdc.ClickHouse;
using Cdc.Kafka;
using Cdc.Postgres;

namespace Cdc.Hosting.Internal;

/// <summary>What is shown of a pipeline: written by its own thread, read by anybody.</summary>
internal sealed class StatusBoard(string name, TimeSpan readyWithin, TimeProvider time)
{
    private readonly Lock gate = new();
    private CdcPipelineStatus status = new() { Name = name, State = CdcPipelineState.Starting, Since = time.GetUtcNow() };
    private ClickHouseWriter? writer;
    private KafkaChangeSource? kafka;
    private PostgresChangeSource? postgres;
    private DateTimeOffset? sourceRetryingSince;
    private long oldestPending;
    private volatile string? failingStage;

    public string Name => name;

    /// <summary>How long the pipeline may be without a flush or try again and still be ready.</summary>
    public TimeSpan ReadyWithin => readyWithin;

    public IReadOnlyList<KafkaPartitionLag> PartitionLags => Volatile.Read(ref kafka)?.Lags ?? [];

    public long? BufferedBytes => Volatile.Read(ref kafka)?.BufferedBytes ?? Volatile.Read(ref postgres)?.BufferedBytes;

    /// <summary>When the source committed the oldest change that is not durable: microseconds since 1970-01-01 UTC; 0 while there is none.</summary>
    public long OldestPending
    {
        get => Volatile.Read(ref oldestPending);
        set => Volatile.Write(ref oldestPending, value);
    }

    public CdcPipelineStatus Status
    {
        get
        {
            lock (gate)
            {
                // The writer retries by itself while a flush waits: it knows first.
                var tables = writer?.Status ?? [];
                var retrying = tables.Where(t => t.IsRetrying).MinBy(t => t.Since);
                var lags = kafka?.Lags;
                return status with
                {
                    RetryingSince = Earlier(Earlier(retrying?.Since, status.RetryingSince), sourceRetryingSince),
                    LastError = retrying?.LastError ?? status.LastError ?? postgres?.Retrying,
                    Lag = OldestPending is > 0 and var oldest ? Age(oldest, time.GetUtcNow()) : status.Lag,
                    LagMessages = lags is { Count: > 0 } ? lags.Sum(l => l.Messages) : null,
                    Tables = WithStops(status.Tables, tables),
                    StoppedTopics = kafka?.Stopped ?? status.StoppedTopics,
                    Snapshots = postgres?.SnapshotProgress ?? status.Snapshots,
                };
            }
        }
    }

    /// <summary>The time from a commit of the source, in microseconds since 1970-01-01 UTC, to a moment; never negative, for clocks differ.</summary>
    public static TimeSpan Age(long microseconds, DateTimeOffset now)
    {
        var age = now - DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    /// <summary>Shows what these parts know by themselves, until the run ends.</summary>
    public void Watch(PipelineParts parts)
    {
        lock (gate) (writer, kafka, postgres) = (parts.Sink as ClickHouseWriter, parts.Source as KafkaChangeSource, parts.Source as PostgresChangeSource);
    }

    /// <summary>Shows what PostgreSQL said of the slot, and what somebody should look after.</summary>
    public void Note(PostgresSlotStatus? slot, IReadOnlyList<string> warnings, bool isSourceRetrying)
    {
        lock (gate)
        {
            sourceRetryingSince = isSourceRetrying ? sourceRetryingSince ?? time.GetUtcNow() : null;
            status = status with { Slot = slot, Warnings = warnings };
        }
    }

    /// <summary>Reads the rows of a table again, where the source can.</summary>
    public bool TryRepeatSnapshot(string schema, string table) => Volatile.Read(ref postgres)?.TryRepeatSnapshot(schema, table) ?? false;

    public void Become(CdcPipelineState state)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (state == CdcPipelineState.Running) status = status with { State = state, Since = now, Started = now };
            else EndRun(status with { State = state, Since = now });
        }
    }

    /// <summary>Notes that a run ended with a failure.</summary>
    public void Fail(string error, CdcPipelineState next)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            EndRun(status with { State = next, Since = now, LastError = error, RetryingSince = status.RetryingSince ?? now, Restarts = status.Restarts + (next == CdcPipelineState.Restarting ? 1 : 0) });
            failingStage = "run";
        }
    }

    /// <summary>Notes that a call failed and is tried again.</summary>
    /// <returns>Whether it is the first failure since all was well.</returns>
    public bool Retrying(string stage, string error)
    {
        lock (gate)
        {
            var isFirst = failingStage != stage;
            failingStage = stage;
            status = status with { RetryingSince = status.RetryingSince ?? time.GetUtcNow(), LastError = error };
            return isFirst;
        }
    }

    /// <summary>Notes that a call succeeded.</summary>
    /// <returns>Whether it had failed before.</returns>
    public bool Recovered(string stage)
    {
        if (failingStage != stage) return false;
        lock (gate)
        {
            failingStage = null;
            status = status with { RetryingSince = null, LastError = null };
            return true;
        }
    }

    /// <summary>Takes over the report of a flush. Called on the pipeline's thread, whose the report is.</summary>
    /// <param name="report">The report.</param>
    /// <param name="lag">How old the newest change of the flush was when it became durable.</param>
    public void Flushed(PipelineReport report, TimeSpan? lag)
    {
        CdcTableStatus[] tables = [.. report.Tables.Select(t => new CdcTableStatus
        {
            Table = t.Table,
            Applied = t.Applied,
            Deletes = t.Deletes,
            Superseded = t.Superseded,
            Fenced = t.Fenced,
            DeadLettered = t.DeadLettered,
            Held = t.Held,
            Bytes = t.Bytes,
            NewestSourceTime = t.NewestSourceTimestamp == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(t.NewestSourceTimestamp * TimeSpan.TicksPerMicrosecond),
            Stopped = t.Stopped,
        })];
        lock (gate)
        {
            failingStage = null;
            status = status with { LastFlush = report.LastFlush, Messages = report.Messages, Lag = lag, LastError = null, RetryingSince = null, Tables = tables };
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>A table that never had a flush may be stopped all the same.</summary>
    private static IReadOnlyList<CdcTableStatus> WithStops(IReadOnlyList<CdcTableStatus> flushed, IReadOnlyList<ClickHouseTableStatus> now)
    {
        var stops = now.Where(t => t.Stopped is not null).ToDictionary(t => t.Table, t => t.Stopped);
        if (stops.Count == 0) return flushed;
        var all = flushed.Select(t => t.Stopped is null && stops.TryGetValue(t.Table, out var why) ? t with { Stopped = why } : t).ToList();
        all.AddRange(stops.Where(s => all.TrueForAll(t => t.Table != s.Key)).Select(s => new CdcTableStatus { Table = s.Key, Stopped = s.Value }));
        return all;
    }

    private void EndRun(CdcPipelineStatus next)
    {
        status = next with { StoppedTopics = kafka?.Stopped ?? next.StoppedTopics, Snapshots = postgres?.SnapshotProgress ?? next.Snapshots, Warnings = [] };
        (writer, kafka, postgres, sourceRetryingSince) = (null, null, null, null);
        OldestPending = 0;
    }
}
