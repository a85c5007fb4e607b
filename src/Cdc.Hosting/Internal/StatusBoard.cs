using Cdc.ClickHouse;

namespace Cdc.Hosting.Internal;

/// <summary>What is shown of a pipeline: written by its own thread, read by anybody.</summary>
internal sealed class StatusBoard(string name, TimeSpan readyWithin, TimeProvider time)
{
    private readonly Lock gate = new();
    private CdcPipelineStatus status = new(name, CdcPipelineState.Starting, time.GetUtcNow(), null, null, 0, 0, null, null, readyWithin, []);
    private ClickHouseWriter? writer;

    public CdcPipelineStatus Status
    {
        get
        {
            lock (gate)
            {
                // The writer retries by itself while a flush waits: it knows first.
                var tables = writer?.Status ?? [];
                var retrying = tables.Where(t => t.IsRetrying).MinBy(t => t.Since);
                var stopped = tables.Where(t => t.Stopped is not null).ToDictionary(t => t.Table, t => t.Stopped);
                return status with
                {
                    RetryingSince = retrying?.Since ?? status.RetryingSince,
                    LastError = retrying?.LastError ?? status.LastError,
                    Tables = [.. status.Tables.Select(t => t.Stopped is null && stopped.TryGetValue(t.Table, out var why) ? t with { Stopped = why } : t)],
                };
            }
        }
    }

    public void Watch(ClickHouseWriter? watched)
    {
        lock (gate) writer = watched;
    }

    public void Become(CdcPipelineState state)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            status = status with { State = state, Since = now, Started = state == CdcPipelineState.Running ? now : status.Started };
            if (state is not CdcPipelineState.Running) writer = null;
        }
    }

    public void Fail(string error)
    {
        lock (gate)
        {
            writer = null;
            status = status with { State = CdcPipelineState.Restarting, Since = time.GetUtcNow(), LastError = error, Restarts = status.Restarts + 1, RetryingSince = null };
        }
    }

    public void Flushed(PipelineReport report)
    {
        CdcTableStatus[] tables = [.. report.Tables.Select(t => new CdcTableStatus(
            t.Table, t.Applied, t.Deletes, t.Superseded, t.Fenced, t.DeadLettered, t.Held,
            t.NewestSourceTimestamp == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(t.NewestSourceTimestamp * TimeSpan.TicksPerMicrosecond), t.Stopped))];
        lock (gate) status = status with { LastFlush = report.LastFlush, Messages = report.Messages, LastError = null, RetryingSince = null, Tables = tables };
    }
}
