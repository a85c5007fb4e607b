using System.Globalization;
using Cdc.Postgres.Internal.Protocol;
using Tuple = Cdc.Postgres.Internal.Protocol.Tuple;

namespace Cdc.Postgres;

/// <summary>
/// Reads the messages of a <see cref="PostgresChangeSource"/>: those of pgoutput as the server sent them, and the rows of its snapshots.
/// Rows that are read from a replica or from a capture of such messages give the same events.
/// </summary>
/// <remarks>
/// Versions are those of DESIGN §4: the transaction's final LSN and the change's own, so that these events and Debezium's of the same database order alike.
/// The delete of the row that an update moved to another key has the rank below its insert: should both keys be one to the target, the insert wins.
/// </remarks>
public sealed class PostgresReader : IChangeReader
{
    private const long EpochMicroseconds = 946_684_800_000_000;
    private const int MovedRank = RowVersion.ChangeRank - 1;

    private readonly Dictionary<(string Topic, int Partition), PartitionState> partitions = [];
    private readonly Shapes shapes = new();
    private readonly Tuple tuple = new();
    private readonly Tuple old = new();
    private PartitionState? last;
    private string lastTopic = "";
    private int lastPartition;

    /// <inheritdoc/>
    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        change.Begin(in message);
        var partition = Partition(message.Topic, message.Partition);
        TableBinding? table = null;
        try
        {
            if (message.Value is not { Length: > 0 } value) throw new ProtocolProblem("the message is empty");
            return Read(value, message.Offset, partition, change, ref table);
        }
        catch (ProtocolProblem problem)
        {
            throw new ChangeFormatException($"This is no message of pgoutput or of a snapshot: {problem.Message}.") { Topic = message.Topic, Partition = message.Partition, Offset = message.Offset, Table = table?.Shape.Table };
        }
    }

    /// <inheritdoc/>
    public string? SaveState(string topic, int partition) => Partition(topic, partition).Epoch.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void RestoreState(Checkpoint position, string? state)
    {
        partitions[(position.Topic, position.Partition)] = new PartitionState { Epoch = Parse(state) };
        last = null;
    }

    /// <inheritdoc/>
    public string? DeriveState(IReadOnlyList<string> states, bool isNewTopic)
    {
        ArgumentNullException.ThrowIfNull(states);
        var greatest = states.Select(Parse).DefaultIfEmpty().Max();
        return (isNewTopic ? checked((byte)(greatest + 1)) : greatest).ToString(CultureInfo.InvariantCulture);
    }

    private static byte Parse(string? state)
    {
        if (state is null) return 0;
        return byte.TryParse(state, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : throw new ChangeFormatException("The state is not one of this reader's.");
    }

    private PartitionState Partition(string topic, int partition)
    {
        if (last is not null && partition == lastPartition && ReferenceEquals(topic, lastTopic)) return last;
        if (!partitions.TryGetValue((topic, partition), out var state)) partitions[(topic, partition)] = state = new PartitionState();
        (last, lastTopic, lastPartition) = (state, topic, partition);
        return state;
    }

    private MessageKind Read(ReadOnlyMemory<byte> value, long offset, PartitionState partition, ChangeEvent change, ref TableBinding? table)
    {
        var bytes = new WireReader(value.Span);
        var kind = bytes.Byte();
        switch (kind)
        {
            case (byte)'B':
                partition.Begin(Commit(ref bytes), (long)bytes.UInt64() + EpochMicroseconds, bytes.UInt32());
                return MessageKind.Transaction;
            case (byte)'C':
                partition.IsInTransaction = false;
                return MessageKind.Transaction;
            case (byte)'R':
                partition.Set(shapes.Of(value.Span));
                return MessageKind.SchemaChange;
            case (byte)'Y':
                return MessageKind.SchemaChange;
            case (byte)'O' or (byte)'}':
                return MessageKind.Transaction;
            case (byte)'M':
                return MessageKind.LogicalMessage;
            case (byte)'{':
                partition.Commit = Commit(ref bytes);
                partition.Time = (long)bytes.UInt64() + EpochMicroseconds;
                return MessageKind.Transaction;
            case (byte)'|':
                table = partition.Only;
                ReadRow(value, ref bytes, partition, table, change);
                return MessageKind.Change;
            case (byte)'I' or (byte)'U' or (byte)'D' or (byte)'T':
                if (!partition.IsInTransaction) throw new ProtocolProblem("a change came outside of a transaction");
                table = partition.Get(kind == 'T' ? TruncatedTable(ref bytes) : bytes.UInt32());
                change.Shape = table.Shape;
                change.SourceTimestamp = partition.Time;
                change.TransactionId = partition.Transaction;
                change.Version = new RowVersion(partition.Epoch, partition.Commit, (ulong)offset, kind == 'T' ? RowVersion.TruncateRank : RowVersion.ChangeRank);
                ReadChange(kind, value, ref bytes, table, change);
                if (!bytes.AtEnd) throw new ProtocolProblem("it has bytes behind its end");
                return MessageKind.Change;
            default:
                throw new ProtocolProblem("its first byte is unknown");
        }
    }

    private static ulong Commit(ref WireReader bytes) =>
        bytes.UInt64() is var position and < RowVersion.PositionLimit ? position : throw new ProtocolProblem("a position of the log is beyond 2^58 and fits no version");

    private void ReadChange(byte kind, ReadOnlyMemory<byte> value, ref WireReader bytes, TableBinding table, ChangeEvent change)
    {
        switch (kind)
        {
            case (byte)'I':
                if (bytes.Byte() != 'N') throw new ProtocolProblem("an insert has no row");
                change.Operation = ChangeOperation.Insert;
                ReadAfter(value, ref bytes, table, change);
                break;
            case (byte)'U':
                ReadUpdate(value, ref bytes, table, change);
                break;
            case (byte)'D':
                ReadDelete(value, ref bytes, table, change);
                break;
            default:
                change.Operation = ChangeOperation.Truncate;
                break;
        }
    }

    private void ReadRow(ReadOnlyMemory<byte> value, ref WireReader bytes, PartitionState partition, TableBinding table, ChangeEvent change)
    {
        tuple.ReadCopy(ref bytes, table.IsBinary);
        if (!bytes.AtEnd) throw new ProtocolProblem("it has bytes behind its end");
        change.Shape = table.Shape;
        change.Operation = ChangeOperation.Read;
        change.IsSnapshot = true;
        change.SourceTimestamp = partition.Time;
        change.Version = new RowVersion(partition.Epoch, partition.Commit, 0, RowVersion.SnapshotRank);
        tuple.Fill(change.After, table, value, "row");
        tuple.FillKey(change.Key, table, value, "row");
    }

    private void ReadAfter(ReadOnlyMemory<byte> value, ref WireReader bytes, TableBinding table, ChangeEvent change)
    {
        tuple.Read(ref bytes);
        tuple.Fill(change.After, table, value, "new");
        tuple.FillKey(change.Key, table, value, "new");
    }

    private void ReadUpdate(ReadOnlyMemory<byte> value, ref WireReader bytes, TableBinding table, ChangeEvent change)
    {
        var form = bytes.Byte();
        if (form == 'N')
        {
            change.Operation = ChangeOperation.Update;
            ReadAfter(value, ref bytes, table, change);
            return;
        }

        if (form is not ((byte)'K' or (byte)'O')) throw new ProtocolProblem("an update has neither an old row nor a new one");
        old.Read(ref bytes);
        if (bytes.AtEnd)
        {
            // The source sends the first half of an update that changes the key by itself: the row leaves its old place.
            change.Version = new RowVersion(change.Version.Epoch, change.Version.Commit, change.Version.Event, MovedRank);
            FillDelete(form, value, table, change);
            return;
        }

        if (bytes.Byte() != 'N') throw new ProtocolProblem("an update has no new row");
        tuple.Read(ref bytes);
        old.Fill(change.Before, table, value, "old", onlyIdentity: form == 'K');
        if (form == 'O') tuple.Complete(old);
        tuple.Fill(change.After, table, value, "new");
        var isMoved = table.SendsKey && table.Key.Length > 0 && !tuple.HasSameKey(old, table, value.Span);
        if (table.SendsKey) tuple.CompleteKey(old, table);
        tuple.FillKey(change.Key, table, value, "new");
        change.Operation = isMoved ? ChangeOperation.Insert : ChangeOperation.Update;
        if (isMoved) old.FillKey(change.OldKey, table, value, "old");
    }

    private void ReadDelete(ReadOnlyMemory<byte> value, ref WireReader bytes, TableBinding table, ChangeEvent change)
    {
        var form = bytes.Byte();
        if (form is not ((byte)'K' or (byte)'O')) throw new ProtocolProblem("a delete has no old row");
        old.Read(ref bytes);
        FillDelete(form, value, table, change);
    }

    private void FillDelete(byte form, ReadOnlyMemory<byte> value, TableBinding table, ChangeEvent change)
    {
        change.Operation = ChangeOperation.Delete;
        old.Fill(change.Before, table, value, "old", onlyIdentity: form == 'K');
        if (table.SendsKey)
        {
            old.FillKey(change.Key, table, value, "old");
            return;
        }

        throw new ValueRefusedException(
            table.Shape.Table,
            table.Shape.Key[0].Name,
            RefusalReason.Key,
            "the delete carries the columns of the replica identity's index only, so it does not tell the primary key of its row: set REPLICA IDENTITY DEFAULT or FULL on the source's table")
        {
            Topic = change.Topic,
            Partition = change.Partition,
            Offset = change.Offset,
        };
    }

    private static uint TruncatedTable(ref WireReader bytes)
    {
        if (bytes.UInt32() != 1) throw new ProtocolProblem("a truncate of several tables was not split");
        bytes.Byte();
        return bytes.UInt32();
    }
}
