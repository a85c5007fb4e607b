using System.Buffers;
using System.Runtime.InteropServices;

namespace Cdc.Kafka.Internal;

/// <summary>Messages on their way from the poll thread to the loop, with their bytes in pooled chunks: each message is copied once.</summary>
internal sealed class MessageBatch
{
    public const int MaxMessages = 4096;
    public const int MaxBytes = 1 << 20;
    private const int ChunkBytes = 256 << 10;
    private const int Overhead = 128;
    private readonly List<byte[]> chunks = [];
    private readonly List<byte[]> oversized = [];
    private readonly List<(PartitionState Partition, long Next)> reached = [];
    private SourceMessage[] messages = new SourceMessage[64];
    private PartitionState[] owners = new PartitionState[64];
    private List<(PartitionChange Change, PartitionState? Arrived)>? changes;
    private int chunk = -1;
    private int used = ChunkBytes;

    public int Count { get; private set; }

    /// <summary>Bytes that count against the budget.</summary>
    public long Bytes { get; private set; }

    public bool IsFull => Count == MaxMessages || Bytes >= MaxBytes;

    public bool IsEmpty => Count == 0 && changes is null;

    public ReadOnlyMemory<SourceMessage> Messages => messages.AsMemory(0, Count);

    public IReadOnlyList<PartitionChange>? Changes => changes?.ConvertAll(c => c.Change);

    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return ReadOnlyMemory<byte>.Empty;
        Bytes += bytes.Length;
        if (bytes.Length > ChunkBytes)
        {
            var own = ArrayPool<byte>.Shared.Rent(bytes.Length);
            oversized.Add(own);
            bytes.CopyTo(own);
            return own.AsMemory(0, bytes.Length);
        }

        if (bytes.Length > ChunkBytes - used)
        {
            if (++chunk == chunks.Count) chunks.Add(ArrayPool<byte>.Shared.Rent(ChunkBytes));
            used = 0;
        }

        var place = chunks[chunk].AsMemory(used, bytes.Length);
        bytes.CopyTo(place.Span);
        used += bytes.Length;
        return place;
    }

    public void Add(PartitionState owner, in SourceMessage message, int headerBytes)
    {
        if (Count == messages.Length)
        {
            Array.Resize(ref messages, Count * 2);
            Array.Resize(ref owners, Count * 2);
        }

        messages[Count] = message;
        owners[Count++] = owner;
        Bytes += Overhead + headerBytes;
        if (owner.Last.Batch == this && owner.Last.Index < reached.Count && reached[owner.Last.Index].Partition == owner)
        {
            reached[owner.Last.Index] = (owner, message.Offset + 1);
            return;
        }

        owner.Last = (this, reached.Count);
        reached.Add((owner, message.Offset + 1));
    }

    /// <summary>Adds what became of a partition; only while there is no message.</summary>
    public void Add(PartitionChange change, PartitionState? arrived) => (changes ??= []).Add((change, arrived));

    /// <summary>On the loop's side: leaves out messages of partitions that went meanwhile, and notes what the loop knows from now on.</summary>
    public void HandOver(Dictionary<(string Topic, int Partition), PartitionState> known)
    {
        foreach (var (change, arrived) in changes ?? [])
        {
            var name = (change.Partition.Topic, change.Partition.Partition);
            if (arrived is null) known.Remove(name);
            else known[name] = arrived;
        }

        var allOwned = true;
        foreach (var (partition, next) in CollectionsMarshal.AsSpan(reached))
        {
            if (partition.IsOwned) partition.Delivered = next;
            else allOwned = false;
        }

        if (allOwned) return;
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            // What was delivered was decided above: a partition that goes in between keeps its messages of this batch.
            if (owners[i].Delivered <= messages[i].Offset) continue;
            messages[kept] = messages[i];
            owners[kept++] = owners[i];
        }

        Array.Clear(messages, kept, Count - kept);
        Count = kept;
    }

    public void Clear()
    {
        Array.Clear(messages, 0, Count);
        Array.Clear(owners);
        foreach (var own in oversized) ArrayPool<byte>.Shared.Return(own);
        oversized.Clear();
        reached.Clear();
        changes = null;
        Count = 0;
        Bytes = 0;
        chunk = -1;
        used = ChunkBytes;
    }

    public void ReturnChunks()
    {
        foreach (var bytes in chunks) ArrayPool<byte>.Shared.Return(bytes);
        chunks.Clear();
    }
}
