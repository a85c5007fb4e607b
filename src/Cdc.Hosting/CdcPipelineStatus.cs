using System.Text.Json.Serialization;
using Cdc.Kafka;
using Cdc.Postgres;

namespace Cdc.Hosting;

/// <summary>What a pipeline is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CdcPipelineState>))]
public enum CdcPipelineState
{
    /// <summary>It was not started yet.</summary>
    Starting,

    /// <summary>It applies changes.</summary>
    Running,

    /// <summary>It failed and starts again after a while.</summary>
    Restarting,

    /// <summary>Its source ended, and everything is applied.</summary>
    Completed,

    /// <summary>The host is stopping.</summary>
    Stopped,

    /// <summary>It failed for good.</summary>
    Failed,
}

/// <summary>How a pipeline fares: a copy that does not change.</summary>
public sealed record CdcPipelineStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing.</summary>
    public required CdcPipelineState State { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When it started to run last; null before.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When everything taken was durable and committed last; null before the first time.</summary>
    public DateTimeOffset? LastFlush { get; init; }

    /// <summary>Messages read since it started to run last, as of the last flush.</summary>
    public long Messages { get; init; }

    /// <summary>How often it started again after a failure.</summary>
    public int Restarts { get; init; }

    /// <summary>What went wrong last, without a value; null while all is well.</summary>
    public string? LastError { get; init; }

    /// <summary>Since when something is being tried again; null while nothing is.</summary>
    public DateTimeOffset? RetryingSince { get; init; }

    /// <summary>
    /// How long ago the source committed the oldest change that was taken and is not durable; while there is none, how old the newest change of
    /// the last flush was when it became durable, 0 if there was none. Null before the first flush or where the source says no times.
    /// </summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>Messages in the source that are not durable yet; null where the source does not say it.</summary>
    public long? LagMessages { get; init; }

    /// <summary>The tables that had changes.</summary>
    public IReadOnlyList<CdcTableStatus> Tables { get; init; } = [];

    /// <summary>The topics that are not consumed any more, and why.</summary>
    public IReadOnlyList<KafkaStoppedTopic> StoppedTopics { get; init; } = [];

    /// <summary>What PostgreSQL keeps for the slot, as it said last; null before, and with other sources.</summary>
    public PostgresSlotStatus? Slot { get; init; }

    /// <summary>How far the snapshots of this run are, with PostgreSQL.</summary>
    public IReadOnlyList<PostgresSnapshotProgress> Snapshots { get; init; } = [];

    /// <summary>What does not stop the pipeline and will if nobody acts, without a value: PostgreSQL away, its log filling up.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>How a table of a pipeline fares, as of the last flush.</summary>
public sealed record CdcTableStatus
{
    /// <summary>The table of the source.</summary>
    public required TableId Table { get; init; }

    /// <summary>Rows that are durable.</summary>
    public long Applied { get; init; }

    /// <summary>Deletes among the changes.</summary>
    public long Deletes { get; init; }

    /// <summary>Rows left out because the target holds a newer version.</summary>
    public long Superseded { get; init; }

    /// <summary>Rows left out because a truncate is newer.</summary>
    public long Fenced { get; init; }

    /// <summary>Messages among the dead letters.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Changes that wait because the table is stopped.</summary>
    public long Held { get; init; }

    /// <summary>Bytes sent.</summary>
    public long Bytes { get; init; }

    /// <summary>When the source committed the newest change that is durable; null where unknown.</summary>
    public DateTimeOffset? NewestSourceTime { get; init; }

    /// <summary>Why it is stopped, and the way out; null while it is not.</summary>
    public string? Stopped { get; init; }
}
