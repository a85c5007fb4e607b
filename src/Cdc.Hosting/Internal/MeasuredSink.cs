using System.Diagnostics;

namespace Cdc.Hosting.Internal;

/// <summary>A sink whose flushes are timed and traced.</summary>
internal sealed class MeasuredSink(IChangeSink inner, string pipeline, PipelineMetrics metrics) : IChangeSink
{
    public bool TryAppend(ChangeEvent change) => inner.TryAppend(change);

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => inner.PrepareAsync(change, cancellationToken);

    public ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken) => inner.TruncateAsync(truncate, cancellationToken);

    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        using var activity = PipelineMetrics.Activities.StartActivity("cdc flush", ActivityKind.Consumer);
        activity?.SetTag("cdc.pipeline", pipeline);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var result = await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
            activity?.SetTag("cdc.rows", result.Tables.Sum(t => t.Applied));
            metrics.Flush(pipeline, Stopwatch.GetElapsedTime(start), result.Stopped.Count == 0 && result.Rejected.Count == 0 ? "ok" : "partial");
            return result;
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            metrics.Flush(pipeline, Stopwatch.GetElapsedTime(start), failure is OperationCanceledException ? "cancelled" : "failed");
            throw;
        }
    }

    // The pipeline's parts own the sink.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
