using Cdc;

namespace FullPipeline;

/// <summary>
/// Confirms to PostgreSQL only what ClickHouse has. The embedded broker forgets everything with its process: what it alone holds must come again from the slot.
/// </summary>
internal sealed class ConfirmedSource(IChangeSource source, Outstanding outstanding) : IChangeSource
{
    private readonly Queue<(Dictionary<string, long> Written, IReadOnlyList<Checkpoint> Checkpoints)> waiting = new();

    public IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken) => source.ReadAsync(cancellationToken);

    /// <summary>Everything before is in the broker by now; it is passed on as soon as the broker's reader committed that much.</summary>
    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        if (checkpoints.Count > 0) waiting.Enqueue((new Dictionary<string, long>(outstanding.Written), [.. checkpoints]));
        if (waiting.Count == 0) return;
        var durable = await outstanding.DurableAsync(cancellationToken);
        while (waiting.TryPeek(out var oldest) && oldest.Written.All(t => durable.GetValueOrDefault(t.Key) >= t.Value))
        {
            await source.CommitAsync(oldest.Checkpoints, cancellationToken);
            waiting.Dequeue();
        }
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => source.ReadAgainAsync(position, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
