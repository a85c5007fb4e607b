using System.Buffers;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Messages of one range and the bytes they point into, rented from the pool until <see cref="Dispose"/>.</summary>
internal sealed class SnapshotBatch : IDisposable
{
    /// <summary>A batch is full from this many bytes on; one row may need more.</summary>
    public const int TargetBytes = 512 * 1024;

    private const int MaxMessages = 4096;

    private byte[] bytes;
    private SourceMessage[] messages = ArrayPool<SourceMessage>.Shared.Rent(MaxMessages);
    private int count;

    public SnapshotBatch(int size) => bytes = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>Where the next message begins.</summary>
    public int Start { get; private set; }

    /// <summary>The whole buffer.</summary>
    public byte[] Bytes => bytes;

    public int Count => count;

    public bool IsFull => count == MaxMessages || Start >= TargetBytes - (TargetBytes / 8);

    /// <summary>What the ledger must hold before anything behind this batch is delivered.</summary>
    public IReadOnlyList<LedgerEntry> Entries { get; init; } = [];

    /// <summary>Called when everything before this batch was delivered.</summary>
    public Action? Delivered { get; init; }

    /// <summary>The partition that its messages begin; null for a batch in the middle of one.</summary>
    public PartitionChange? Begins { get; set; }

    /// <summary>The messages for the loop.</summary>
    /// <param name="isAgain">Whether the partition was delivered in part before, and is withdrawn first.</param>
    public SourceBatch View(bool isAgain) =>
        new(messages.AsMemory(0, count), Begins is null ? [] : isAgain ? [Begins with { Kind = PartitionChangeKind.Revoked }, Begins] : [Begins]);

    /// <summary>Makes a message of the bytes from <see cref="Start"/> on.</summary>
    public void Add(string topic, int partition, long offset, int length)
    {
        messages[count++] = new SourceMessage(topic, partition, offset, default(ReadOnlyMemory<byte>?), new ReadOnlyMemory<byte>(bytes, Start, length));
        Start += length;
    }

    /// <summary>Makes a message of bytes that are copied.</summary>
    public void Add(string topic, int partition, long offset, ReadOnlySpan<byte> value)
    {
        Reserve(0, value.Length);
        value.CopyTo(bytes.AsSpan(Start));
        Add(topic, partition, offset, value.Length);
    }

    /// <summary>Makes room for a message, whose first bytes are there already. Only a batch without messages moves to a larger buffer.</summary>
    /// <param name="used">Bytes of the message from <see cref="Start"/> on that are kept.</param>
    /// <param name="size">Bytes that the message needs.</param>
    /// <returns>False when there is no room and the batch must be handed on first.</returns>
    public bool Reserve(int used, int size)
    {
        if (bytes.Length - Start >= size) return true;
        if (count > 0) return false;
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(checked(Start + size), Math.Min(2L * bytes.Length, Array.MaxLength)));
        bytes.AsSpan(Start, used).CopyTo(larger.AsSpan(Start));
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref bytes, []));

        // The messages hold references to buffers: a pooled array must not keep them alive.
        ArrayPool<SourceMessage>.Shared.Return(Interlocked.Exchange(ref messages, []), clearArray: true);
    }
}
