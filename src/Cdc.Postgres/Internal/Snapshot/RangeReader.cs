using System.Buffers.Binary;
using System.Threading.Channels;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Reads one range by one COPY and hands on its messages: the relation, the head, a message for each row, the end.</summary>
internal sealed class RangeReader(ChannelWriter<SnapshotBatch> output, TimeProvider time)
{
    /// <summary>The offset of a range's end, whatever its length: a checkpoint past it tells alone that the range is finished.</summary>
    public const long EndOffset = 1L << 62;

    private const byte Relation = (byte)'R', Head = (byte)'{', Row = (byte)'|', End = (byte)'}';
    private const int HeadLength = 17;

    // Microseconds since 2000, as in the protocol of replication.
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads the range to its end.</summary>
    /// <param name="connection">A connection that sees the plan's snapshot.</param>
    /// <param name="copy">The COPY.</param>
    /// <param name="range">Where the messages stand, and what they begin with.</param>
    /// <param name="read">Told the rows of each batch.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public async Task ReadAsync(NpgsqlConnection connection, string copy, RangeHead range, Action<int> read, CancellationToken cancellationToken)
    {
        var batch = Begin(range);
        try
        {
            var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellationToken).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            using var abandon = cancellationToken.UnsafeRegister(static s => ((NpgsqlRawCopyStream)s!).Cancel(), stream);
            var offset = 2L;
            var rows = 0;
            var end = await SkipHeaderAsync(stream, batch, cancellationToken).ConfigureAwait(false);

            // A tuple lies one byte behind Start: the byte before it becomes the message's first. What arrives is nearly always one tuple.
            while (true)
            {
                var start = batch.Start;
                var length = CopyTuples.Tuple(batch.Bytes.AsSpan(start + 1, end - start - 1), out var needed);
                if (length == CopyTuples.End) break;
                if (length > 0)
                {
                    batch.Bytes[start] = Row;
                    batch.Add(range.Topic, range.Partition, offset++, length + 1);
                    rows++;
                    var rest = end - batch.Start;
                    if (batch.IsFull || !batch.Reserve(0, rest + 1))
                    {
                        var next = new SnapshotBatch(Math.Max(SnapshotBatch.TargetBytes, rest + 1));
                        batch.Bytes.AsSpan(batch.Start, rest).CopyTo(next.Bytes.AsSpan(1));
                        read(rows);
                        rows = 0;
                        batch = await HandOnAsync(batch, next, cancellationToken).ConfigureAwait(false);
                    }
                    else if (rest > 0)
                    {
                        batch.Bytes.AsSpan(batch.Start, rest).CopyTo(batch.Bytes.AsSpan(batch.Start + 1));
                    }

                    end = batch.Start + 1 + rest;
                    if (rest > 0) continue;
                }
                else if (!batch.Reserve(end - start, needed + 1))
                {
                    var part = end - start;
                    var next = new SnapshotBatch(Math.Max(SnapshotBatch.TargetBytes, needed + 1));
                    batch.Bytes.AsSpan(start, part).CopyTo(next.Bytes);
                    read(rows);
                    rows = 0;
                    batch = await HandOnAsync(batch, next, cancellationToken).ConfigureAwait(false);
                    end = part;
                }

                if (end == batch.Bytes.Length && !batch.Reserve(end - batch.Start, end - batch.Start + 1)) continue;

                // Npgsql gives one row a call; its asynchronous reading allocates 50 bytes for each, this nothing. A few threads wait for the server.
                var count = stream.Read(batch.Bytes.AsSpan(end));
                if (count == 0) throw new ChangeFormatException("The server's COPY ended in the middle of a tuple.");
                end += count;
            }

            read(rows);
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.IsFull || !batch.Reserve(0, 1)) batch = await HandOnAsync(batch, new SnapshotBatch(SnapshotBatch.TargetBytes), cancellationToken).ConfigureAwait(false);
            batch.Add(range.Topic, range.Partition, EndOffset, [End]);
            await output.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private SnapshotBatch Begin(RangeHead range)
    {
        var batch = new SnapshotBatch(Math.Max(SnapshotBatch.TargetBytes, range.Relation.Length + HeadLength + 1024));
        batch.Begins = new PartitionChange(PartitionChangeKind.Assigned, new Checkpoint(range.Topic, range.Partition, 0), range.State);
        System.Diagnostics.Debug.Assert(range.Relation[0] == Relation);
        batch.Add(range.Topic, range.Partition, 0, range.Relation);
        Span<byte> head = stackalloc byte[HeadLength];
        head[0] = Head;
        BinaryPrimitives.WriteUInt64BigEndian(head[1..], range.Version);
        BinaryPrimitives.WriteInt64BigEndian(head[9..], (time.GetUtcNow() - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);
        batch.Add(range.Topic, range.Partition, 1, head);
        return batch;
    }

    private static async ValueTask<int> SkipHeaderAsync(NpgsqlRawCopyStream stream, SnapshotBatch batch, CancellationToken cancellationToken)
    {
        var at = batch.Start + 1;
        var end = at;
        while (true)
        {
            var length = CopyTuples.Header(batch.Bytes.AsSpan(at, end - at));
            if (length > 0)
            {
                batch.Bytes.AsSpan(at + length, end - at - length).CopyTo(batch.Bytes.AsSpan(at));
                return end - length;
            }

            var count = await stream.ReadAsync(batch.Bytes.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (count == 0) throw new ChangeFormatException("The server's COPY ended in its header.");
            end += count;
        }
    }

    private async ValueTask<SnapshotBatch> HandOnAsync(SnapshotBatch batch, SnapshotBatch next, CancellationToken cancellationToken)
    {
        try
        {
            await output.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }
}

/// <summary>What the messages of a range begin with.</summary>
/// <param name="Topic">The table's topic.</param>
/// <param name="Partition">The range's partition.</param>
/// <param name="State">What the reader is told at the assignment.</param>
/// <param name="Relation">The Relation message.</param>
/// <param name="Version">The version's LSN.</param>
internal sealed record RangeHead(string Topic, int Partition, string? State, byte[] Relation, ulong Version);
