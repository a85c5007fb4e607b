using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Cdc.Hosting.Tests;

/// <summary>Delivers as many of its messages as it is told to, then stays open as a live source does.</summary>
internal sealed class StepSource(IReadOnlyList<SourceMessage> messages) : IChangeSource
{
    private volatile int released = messages.Count;

    public ConcurrentQueue<Checkpoint> Committed { get; } = new();

    public int Delivered { get; private set; }

    public bool IsAtEnd => Delivered == messages.Count;

    /// <summary>How many messages may be delivered.</summary>
    public int Released
    {
        get => released;
        set => released = value;
    }

    public static async Task<StepSource> OfAsync(string capture)
    {
        var all = new List<SourceMessage>();
        await foreach (var batch in new CaptureSource(Engine.Capture(capture)).ReadAsync(TestContext.Current.CancellationToken)) all.AddRange(batch.Messages.ToArray());
        return new StepSource(all);
    }

    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Delivered = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = Math.Min(released, Delivered + 500);
            var batch = messages.Skip(Delivered).Take(next - Delivered).ToArray();
            yield return new SourceBatch(batch);
            Delivered = Math.Max(next, Delivered);
            if (batch.Length == 0) await Task.Delay(10, cancellationToken);
        }
    }

    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        foreach (var checkpoint in checkpoints) Committed.Enqueue(checkpoint);
        return ValueTask.CompletedTask;
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) =>
        ValueTask.FromResult<SourceMessage?>(messages.First(m => m.Topic == position.Topic && m.Partition == position.Partition && m.Offset == position.Position));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
