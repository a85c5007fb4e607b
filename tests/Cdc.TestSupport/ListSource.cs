using System.Runtime.CompilerServices;

namespace Cdc.TestSupport;

/// <summary>Delivers a list of messages in batches and ends.</summary>
/// <param name="messages">The messages.</param>
/// <param name="batchSize">How many a batch holds.</param>
public sealed class ListSource(IReadOnlyList<SourceMessage> messages, int batchSize = 500) : IChangeSource
{
    /// <summary>The last committed position of each partition.</summary>
    public Dictionary<(string Topic, int Partition), long> Committed { get; } = [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var start = 0; start < messages.Count; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new SourceBatch(messages.Skip(start).Take(batchSize).ToArray());
            await Task.Yield();
        }
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        foreach (var (topic, partition, position) in checkpoints) Committed[(topic, partition)] = position;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) =>
        ValueTask.FromResult<SourceMessage?>(messages.Where(m => m.Topic == position.Topic && m.Partition == position.Partition && m.Offset == position.Position).Select(m => (SourceMessage?)m).FirstOrDefault());

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Keeps dead letters in a list.</summary>
public sealed class DeadLetterList : IDeadLetterSink
{
    /// <summary>The letters, in their order.</summary>
    public List<DeadLetter> Letters { get; } = [];

    /// <inheritdoc/>
    public ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        Letters.Add(letter);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
