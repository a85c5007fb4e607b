using System.Buffers.Binary;
using Cdc.Postgres.Internal.Protocol;
using Cdc.Postgres.Internal.Snapshot;
using Tuple = Cdc.Postgres.Internal.Protocol.Tuple;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>
/// Makes the loop's messages of the server's: one event each. A truncate of several tables becomes several messages, an update that changes the key
/// two (the first is its own beginning, up to the old row), a Relation message is completed from the catalog, and what a snapshot will see is left out.
/// </summary>
internal sealed class StreamDelivery(string slot, StreamedTransactions streamed, SnapshotFeed? feed, CommitPositions commits, Func<Relation, CancellationToken, Task<byte[]>> describe)
{
    private readonly List<SourceMessage> messages = [];
    private readonly Dictionary<uint, TableBinding> relations = [];
    private readonly Shapes shapes = new();
    private readonly Tuple before = new();
    private readonly Tuple after = new();
    private SourceMessage[] view = [];
    private TableGate? gate;
    private uint gateOf;
    private ulong commit;
    private long offset;

    /// <summary>Makes messages of a batch, from one of its messages on.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="from">The first of its messages to take.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>The first message not taken: the batch's end, or where a snapshot began to hold the stream.</returns>
    public async ValueTask<int> TakeAsync(StreamBatch batch, int from, CancellationToken cancellationToken)
    {
        messages.Clear();
        while (from < batch.Count)
        {
            var value = batch[from];

            // Relation and Type messages have no position of their own.
            if (batch.PositionOf(from) is > 0 and var position) offset = (long)position;
            if (value.Span[0] == 'R') value = await RelateAsync(value, cancellationToken).ConfigureAwait(false);
            from++;
            Take(value);
            commits.Delivered();
            if (feed is { HoldsStream: true }) break;
        }

        return from;
    }

    /// <summary>The messages made. Valid until the next call.</summary>
    public ReadOnlyMemory<SourceMessage> Messages
    {
        get
        {
            if (view.Length < messages.Count) view = new SourceMessage[messages.Capacity];
            messages.CopyTo(view);
            return view.AsMemory(0, messages.Count);
        }
    }

    private void Take(ReadOnlyMemory<byte> value)
    {
        var bytes = value.Span;
        switch (bytes[0])
        {
            case (byte)'B':
                commit = BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]);
                if (feed is not null) streamed.Add(BinaryPrimitives.ReadUInt32BigEndian(bytes[17..]), commit);
                commits.Begin();
                break;
            case (byte)'C':
                commits.Commit(offset, CommitMessage.End(bytes));
                break;
            case (byte)'I' or (byte)'D':
                if (IsDropped(bytes)) return;
                break;
            case (byte)'U':
                if (IsDropped(bytes)) return;
                if (bytes[5] != 'N') AddMove(value);
                break;
            case (byte)'T':
                AddTruncates(bytes);
                return;
            case (byte)'M':
                Mark(bytes);
                break;
            default:
                break;
        }

        Add(value);
    }

    private void Add(ReadOnlyMemory<byte> value) => messages.Add(new SourceMessage(slot, 0, offset, default(ReadOnlyMemory<byte>?), value));

    private bool IsDropped(ReadOnlySpan<byte> bytes) => IsDropped(BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]));

    private bool IsDropped(uint table)
    {
        if (feed is null) return false;
        if (gate is null || gateOf != table) (gate, gateOf) = (feed.Gate(table), table);
        return gate.Drops(commit);
    }

    private async ValueTask<ReadOnlyMemory<byte>> RelateAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var described = await describe(Relation.Read(value.Span), cancellationToken).ConfigureAwait(false);
        var binding = shapes.Of(described);
        relations[binding.Relation.Oid] = binding;
        gate = null;
        return described;
    }

    private void AddMove(ReadOnlyMemory<byte> value)
    {
        var bytes = new WireReader(value.Span, 1);
        if (!relations.TryGetValue(bytes.UInt32(), out var table) || !table.SendsKey || table.Key.Length == 0) return;
        bytes.Byte();
        before.Read(ref bytes);
        var end = bytes.Position;
        bytes.Byte();
        after.Read(ref bytes);
        if (!after.HasSameKey(before, table, value.Span)) Add(value[..end]);
    }

    private void AddTruncates(ReadOnlySpan<byte> bytes)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        for (var i = 0; i < count; i++)
        {
            var table = bytes.Slice(6 + (4 * i), 4);
            if (IsDropped(BinaryPrimitives.ReadUInt32BigEndian(table))) continue;
            var one = new byte[10];
            one[0] = (byte)'T';
            one[4] = 1;
            one[5] = bytes[5];
            table.CopyTo(one.AsSpan(6));
            Add(one);
        }
    }

    private void Mark(ReadOnlySpan<byte> bytes)
    {
        if (feed is null) return;
        var message = new WireReader(bytes, 10);
        var prefix = message.TextBytes();
        if (feed.LogicalMessage(prefix, message.Take((int)message.UInt32()), commit)) gate = null;
    }
}
