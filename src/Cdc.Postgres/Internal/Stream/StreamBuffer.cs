using System.Threading.Channels;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>Batches between the connection and the loop, bounded in bytes: when it is full, nothing more is received.</summary>
internal sealed class StreamBuffer(long maxBytes)
{
    private readonly Channel<StreamBatch> batches = Channel.CreateUnbounded<StreamBatch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Lock gate = new();
    private long bytes;
    private TaskCompletionSource? room;

    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Waits until a batch may be filled.</summary>
    public async ValueTask<StreamBatch> RentAsync(int size, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (bytes < maxBytes)
                {
                    var batch = new StreamBatch(size);
                    Interlocked.Add(ref bytes, batch.Size);
                    return batch;
                }

                room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = room.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Publish(StreamBatch batch)
    {
        if (!batches.Writer.TryWrite(batch)) Return(batch);
    }

    public bool TryTake(out StreamBatch? batch) => batches.Reader.TryRead(out batch);

    /// <summary>Waits for a batch. False, or the failure, when no more will come.</summary>
    public ValueTask<bool> WaitAsync() => batches.Reader.WaitToReadAsync(CancellationToken.None);

    public void Return(StreamBatch batch)
    {
        lock (gate)
        {
            Interlocked.Add(ref bytes, -batch.Size);
            batch.Dispose();
            room?.TrySetResult();
            room = null;
        }
    }

    public void Complete(Exception? failure) => batches.Writer.TryComplete(failure);
}
