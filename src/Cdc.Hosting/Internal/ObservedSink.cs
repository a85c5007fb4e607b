using System.Diagnostics;

namespace Cdc.Hosting.Internal;

/// <summary>A sink that is watched: what it takes, what a flush makes durable, and how long that takes.</summary>
internal sealed class ObservedSink(IChangeSink inner, RunObserver observer) : IChangeSink
{
    private readonly Dictionary<TableId, TakenChanges> taken = [];
    private TableShape? lastShape;
    private TakenChanges? last;
    private long oldest = long.MaxValue;
    private long newest;

    /// <summary>The span of the last flush, so that the commit stands beside it.</summary>
    public ActivityContext LastFlush { get; private set; }

    public bool TryAppend(ChangeEvent change)
    {
        if (!inner.TryAppend(change)) return false;
        if (!ReferenceEquals(change.Shape, lastShape))
        {
            lastShape = change.Shape;
            last = Of(change.Shape.Table);
        }

        last!.Add(change, observer.Metrics.Latency.Enabled);
        Pending(change.SourceTimestamp);
        return true;
    }

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        // A change that waits for its table is late too.
        Pending(change.SourceTimestamp);
        return observer.CallAsync("prepare", () => inner.PrepareAsync(change, cancellationToken));
    }

    public ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken) => observer.CallAsync("truncate", async () =>
    {
        await inner.TruncateAsync(truncate, cancellationToken).ConfigureAwait(false);
        Of(truncate.Shape.Table).Add(truncate, withTimes: false);
    });

    public void EndTransaction(Checkpoint at) => inner.EndTransaction(at);

    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        using var activity = Start();
        var start = observer.Time.GetTimestamp();
        try
        {
            var result = await observer.CallAsync("flush", () => inner.FlushAsync(cancellationToken)).ConfigureAwait(false);
            Record(result, observer.Time.GetElapsedTime(start));
            activity?.SetTag(TelemetryNames.SpanRows, result.Tables.Sum(t => t.Applied));
            activity?.SetTag(TelemetryNames.SpanBytes, result.Tables.Sum(t => t.Bytes));
            return result;
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            activity?.SetTag(TelemetryNames.ErrorType, failure.GetType().Name);
            Duration(observer.Time.GetElapsedTime(start), failure is OperationCanceledException ? "cancelled" : "failed");
            throw;
        }
    }

    // The run's parts own the sink.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private TakenChanges Of(TableId table)
    {
        if (!taken.TryGetValue(table, out var found)) taken[table] = found = new TakenChanges();
        return found;
    }

    private void Pending(long timestamp)
    {
        if (timestamp <= 0) return;
        newest = Math.Max(newest, timestamp);
        if (timestamp >= oldest) return;
        oldest = timestamp;
        observer.Board.OldestPending = timestamp;
    }

    /// <summary>A flush of which there is nothing to tell gets no span.</summary>
    private Activity? Start()
    {
        if (observer.MessagesSinceFlush == 0) return null;
        var activity = PipelineMetrics.Activities.StartActivity($"process {observer.Pipeline}", ActivityKind.Consumer, parentContext: default, links: observer.Links);
        activity?.SetTag(TelemetryNames.SpanPipeline, observer.Pipeline);
        activity?.SetTag(TelemetryNames.MessagingOperation, "process");
        activity?.SetTag(TelemetryNames.MessagingBatchCount, observer.MessagesSinceFlush);
        if (observer.Group is { } group)
        {
            activity?.SetTag(TelemetryNames.MessagingSystem, "kafka");
            activity?.SetTag(TelemetryNames.MessagingGroup, group);
        }

        LastFlush = activity?.Context ?? default;
        return activity;
    }

    private void Record(FlushResult result, TimeSpan duration)
    {
        var metrics = observer.Metrics;
        var now = observer.Time.GetUtcNow();
        foreach (var flush in result.Tables)
        {
            var tags = observer.Tags(RunObserver.Tag(TelemetryNames.Table, flush.Table.ToString()));
            metrics.Rows.Add(flush.Applied, tags);
            metrics.Bytes.Add(flush.Bytes, tags);
            metrics.Inserts.Add(flush.Inserts, tags);
            if (flush.Superseded > 0) metrics.Superseded.Add(flush.Superseded, tags);
            if (flush.Fenced > 0) metrics.Fenced.Add(flush.Fenced, tags);
            if (flush.Applied > 0) metrics.BatchRows.Record(flush.Applied, tags);
            if (!result.Stopped.Any(s => s.Cause.Table == flush.Table)) Of(flush.Table).RecordLatency(metrics.Latency, now, tags);
        }

        foreach (var (table, changes) in taken) changes.CountAndClear(metrics.Events, observer, table);
        if (observer.MessagesSinceFlush > 0) Duration(duration, result.Stopped.Count == 0 && result.Rejected.Count == 0 ? "ok" : "partial");
        observer.FlushLag = newest > 0 ? StatusBoard.Age(newest, now) : TimeSpan.Zero;
        (observer.MessagesSinceFlush, oldest, newest) = (0, long.MaxValue, 0);
        observer.Board.OldestPending = 0;
        observer.Links.Clear();
    }

    private void Duration(TimeSpan duration, string outcome) => observer.Metrics.BatchDuration.Record(duration.TotalSeconds, observer.Tags(RunObserver.Tag(TelemetryNames.Outcome, outcome)));
}
