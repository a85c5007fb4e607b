using Cdc;

namespace FullPipeline;

/// <summary>Gives the embedded broker no more than it keeps: while too much of it is not in ClickHouse, the loop waits, and PostgreSQL's log keeps the rest.</summary>
internal sealed class BoundedSink(IChangeSink sink, Outstanding outstanding) : IChangeSink
{
    public bool TryAppend(ChangeEvent change) => !outstanding.IsFull && sink.TryAppend(change);

    public async ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        await sink.PrepareAsync(change, cancellationToken);
        while (outstanding.IsFull)
        {
            await outstanding.DurableAsync(cancellationToken);
            if (outstanding.IsFull) await Task.Delay(50, cancellationToken);
        }
    }

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => sink.FlushAsync(cancellationToken);

    public ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken) => sink.TruncateAsync(truncate, cancellationToken);

    public void EndTransaction(Checkpoint at) => sink.EndTransaction(at);

    public ValueTask DisposeAsync() => sink.DisposeAsync();
}
