using System.Collections.Concurrent;

namespace Cdc.Hosting;

/// <summary>How the host's pipelines fare. Safe to read from anywhere.</summary>
public sealed class CdcPipelines
{
    private readonly ConcurrentDictionary<string, Func<CdcPipelineStatus>> pipelines = new(StringComparer.Ordinal);

    /// <summary>The state of every pipeline now, by name.</summary>
    public IReadOnlyList<CdcPipelineStatus> Status => [.. pipelines.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value())];

    internal void Add(string name, Func<CdcPipelineStatus> status) => pipelines[name] = status;
}

/// <summary>What a pipeline is doing.</summary>
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

    /// <summary>The host is stopping, or it failed for good.</summary>
    Stopped,
}

/// <summary>How a pipeline fares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Since">Since when.</param>
/// <param name="Started">When it started to run last; null before.</param>
/// <param name="LastFlush">When everything taken was durable and committed last; null before the first time.</param>
/// <param name="Messages">Messages read since it started.</param>
/// <param name="Restarts">How often it started again after a failure.</param>
/// <param name="LastError">What went wrong last, without a value; null while all is well.</param>
/// <param name="RetryingSince">Since when something is being tried again; null while nothing is.</param>
/// <param name="ReadyWithin">How long that may last before the pipeline is not ready.</param>
/// <param name="Tables">The tables that had changes.</param>
public sealed record CdcPipelineStatus(
    string Name, CdcPipelineState State, DateTimeOffset Since, DateTimeOffset? Started, DateTimeOffset? LastFlush, long Messages, int Restarts, string? LastError, DateTimeOffset? RetryingSince,
    TimeSpan ReadyWithin, IReadOnlyList<CdcTableStatus> Tables);

/// <summary>How a table of a pipeline fares, as of the last flush.</summary>
/// <param name="Table">The table of the source.</param>
/// <param name="Applied">Rows that are durable.</param>
/// <param name="Deletes">Deletes among the changes.</param>
/// <param name="Superseded">Rows left out because the target holds a newer version.</param>
/// <param name="Fenced">Rows left out because a truncate is newer.</param>
/// <param name="DeadLettered">Messages among the dead letters.</param>
/// <param name="Held">Changes that wait because the table is stopped.</param>
/// <param name="NewestSourceTime">When the source committed the newest change that is durable; null where unknown.</param>
/// <param name="Stopped">Why it is stopped, and the way out; null while it is not.</param>
public sealed record CdcTableStatus(
    TableId Table, long Applied, long Deletes, long Superseded, long Fenced, long DeadLettered, long Held, DateTimeOffset? NewestSourceTime, string? Stopped);
