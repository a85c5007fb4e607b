using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cdc.Hosting.Internal;

/// <summary>A source that is watched: what it delivers, and how its commits fare.</summary>
internal sealed class ObservedSource(IChangeSource inner, RunObserver observer, Func<ActivityContext> flush) : IChangeSource
{
    private const int MostLinks = 128;

    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in inner.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!batch.Messages.IsEmpty) Note(batch.Messages.Span);
            yield return batch;
        }
    }

    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        using var activity = PipelineMetrics.Activities.StartActivity($"commit {observer.Pipeline}", ActivityKind.Client, flush());
        activity?.SetTag(TelemetryNames.SpanPipeline, observer.Pipeline);
        await observer.CallAsync("commit", () => inner.CommitAsync(checkpoints, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) =>
        observer.CallAsync("read_again", () => inner.ReadAgainAsync(position, cancellationToken));

    // The run's parts own the source.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Note(ReadOnlySpan<SourceMessage> messages)
    {
        observer.MessagesSinceFlush += messages.Length;
        observer.Metrics.Messages.Add(messages.Length, observer.Tags());
        if (observer.Group is not null && observer.Metrics.Consumed.Enabled) CountByPartition(messages);
        if (!PipelineMetrics.Activities.HasListeners()) return;
        foreach (ref readonly var message in messages)
        {
            if (observer.Links.Count == MostLinks) return;
            if (Producer(in message) is { } context) observer.Links.Add(new ActivityLink(context));
        }
    }

    private void CountByPartition(ReadOnlySpan<SourceMessage> messages)
    {
        for (var start = 0; start < messages.Length;)
        {
            ref readonly var first = ref messages[start];
            var end = start + 1;
            while (end < messages.Length && messages[end].Partition == first.Partition && messages[end].Topic == first.Topic) end++;
            observer.Metrics.Consumed.Add(end - start, observer.Tags(
                RunObserver.Tag(TelemetryNames.MessagingSystem, "kafka"), RunObserver.Tag(TelemetryNames.MessagingOperation, "poll"), RunObserver.Tag(TelemetryNames.MessagingDestination, first.Topic),
                RunObserver.Tag(TelemetryNames.MessagingPartition, first.Partition), RunObserver.Tag(TelemetryNames.MessagingGroup, observer.Group)));
            start = end;
        }
    }

    /// <summary>The span that produced a message, where its headers name one.</summary>
    private static ActivityContext? Producer(in SourceMessage message)
    {
        string? parent = null, state = null;
        foreach (var header in message.Headers ?? [])
        {
            if (header is { Name: "traceparent", Value: { Length: < 256 } id }) parent = Encoding.ASCII.GetString(id.Span);
            else if (header is { Name: "tracestate", Value: { Length: <= 512 } more }) state = Encoding.ASCII.GetString(more.Span);
        }

        return parent is not null && ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : null;
    }
}
