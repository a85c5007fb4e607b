using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Cdc.Kafka.Internal;

/// <summary>The queue between the poll thread and the loop. It never makes the poll thread wait: it says when its budget is used up.</summary>
internal sealed class HandOver(long budget)
{
    private const int KeptBatches = 8;
    private readonly Channel<MessageBatch> ready = Channel.CreateUnbounded<MessageBatch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly ConcurrentBag<MessageBatch> spare = [];
    private readonly object room = new();
    private long queuedBytes;
    private int queued;

    /// <summary>The batch being filled. Only the poll thread uses it.</summary>
    public MessageBatch Filling { get; private set; } = new();

    /// <summary>Bytes of messages fetched and not done with.</summary>
    public long BufferedBytes => Volatile.Read(ref queuedBytes) + Filling.Bytes;

    public bool IsOver => BufferedBytes >= budget;

    public bool IsBelowHalf => BufferedBytes < budget / 2;

    /// <summary>Whether the loop has taken all that was published. While it has not, a batch is better filled further.</summary>
    public bool IsDrained => Volatile.Read(ref queued) == 0;

    /// <summary>Waits a little for half of the budget to be done with: cheaper than a pause, which throws away what the client has prefetched.</summary>
    public bool WaitForRoom(TimeSpan time)
    {
        lock (room) return IsBelowHalf || Monitor.Wait(room, time);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => ready.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([NotNullWhen(true)] out MessageBatch? batch)
    {
        if (!ready.Reader.TryRead(out batch)) return false;
        Interlocked.Decrement(ref queued);
        return true;
    }

    public void Publish()
    {
        if (Filling.IsEmpty) return;
        Interlocked.Add(ref queuedBytes, Filling.Bytes);
        Interlocked.Increment(ref queued);
        ready.Writer.TryWrite(Filling);

        Filling = spare.TryTake(out var batch) ? batch : new MessageBatch();
    }

    /// <summary>Gives back the bytes of messages that were copied and then left out.</summary>
    public void DiscardBytes()
    {
        if (Filling.IsEmpty) Filling.Clear();
    }

    public void Complete(Exception? failure) => ready.Writer.TryComplete(failure);

    /// <summary>Takes back a batch that the loop is done with.</summary>
    public void Release(MessageBatch batch)
    {
        Interlocked.Add(ref queuedBytes, -batch.Bytes);
        lock (room)
        {
            if (IsBelowHalf) Monitor.PulseAll(room);
        }

        batch.Clear();
        if (spare.Count < KeptBatches) spare.Add(batch);
        else batch.ReturnChunks();
    }
}
