using System.Collections.Immutable;
using System.Text;

namespace Cdc.Abstractions.Tests;

/// <summary>Delivers what it was given and notes what was committed.</summary>
internal sealed class ListSource(params SourceMessage[][] batches) : IChangeSource
{
    public List<Checkpoint> Committed { get; } = [];

    public Action<int>? BeforeBatch { get; init; }

    public async IAsyncEnumerable<SourceBatch> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < batches.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            BeforeBatch?.Invoke(i);
            await Task.Yield();
            yield return new SourceBatch(batches[i]);
        }
    }

    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        Committed.AddRange(checkpoints);
        return ValueTask.CompletedTask;
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken)
    {
        foreach (var message in batches.SelectMany(b => b))
        {
            if (message.Topic == position.Topic && message.Partition == position.Partition && message.Offset == position.Position) return new(message);
        }

        return new((SourceMessage?)null);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Reads values such as <c>upsert</c>, <c>delete</c>, <c>truncate</c>, <c>heartbeat</c>, <c>broken</c>: the topic is the table.</summary>
internal sealed class WordReader : IChangeReader
{
    private readonly Dictionary<string, TableShape> shapes = [];

    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        change.Begin(in message);
        var word = message.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "tombstone";
        if (word == "broken") throw new ChangeFormatException("not readable") { Topic = message.Topic, Offset = message.Offset };
        if (word == "tombstone") return MessageKind.Tombstone;
        if (word == "heartbeat") return MessageKind.Heartbeat;
        if (!shapes.TryGetValue(message.Topic, out var shape))
        {
            ImmutableArray<ColumnShape> key = [new ColumnShape("id", new SourceType(ValueKind.String), Nullable: false)];
            shapes[message.Topic] = shape = new TableShape(new TableId("db", "public", message.Topic), key, key, TextDecoder.Instance, VersionLayout.Offset);
        }

        change.Shape = shape;
        change.Operation = word switch { "delete" => ChangeOperation.Delete, "truncate" => ChangeOperation.Truncate, _ => ChangeOperation.Update };
        change.Version = new RowVersion(0, 0, (ulong)message.Offset, RowVersion.ChangeRank);
        change.After.Begin(shape, ofKey: false, message.Value!.Value, "$");
        change.After.Set(0, CellState.Value, 0, 0, message.Value.Value.Length);
        return MessageKind.Change;
    }
}

/// <summary>Keeps what it takes until it is flushed, and fails as it is told.</summary>
internal sealed class ListSink : IChangeSink
{
    private readonly List<(TableId Table, Checkpoint Position)> waiting = [];

    public List<(TableId Table, long Offset)> Durable { get; } = [];

    public List<RowRejection> Reject { get; } = [];

    public List<TableStop> StopAtFlush { get; } = [];

    public HashSet<string> NeedPreparation { get; } = [];

    public HashSet<string> StopTables { get; } = [];

    public Action? OnFlush { get; set; }

    public Exception? FailFlush { get; set; }

    public bool TryAppend(ChangeEvent change)
    {
        var table = change.Shape.Table;
        if (NeedPreparation.Contains(table.Name)) return false;
        if (StopTables.Contains(table.Name)) throw new TableStoppedException(table, "no such table");
        if (change.After.IsPresent && change.After[0].Raw.SequenceEqual("refused"u8)) throw change.After[0].Refuse(RefusalReason.OutOfRange);
        waiting.Add((table, new Checkpoint(change.Topic, change.Partition, change.Offset)));
        return true;
    }

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        NeedPreparation.Remove(change.Shape.Table.Name);
        return ValueTask.CompletedTask;
    }

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        OnFlush?.Invoke();
        if (FailFlush is not null) throw FailFlush;
        var held = StopAtFlush.Select(s => s.Cause.Table).ToHashSet();
        var applied = waiting.Where(w => !held.Contains(w.Table)).ToList();
        Durable.AddRange(applied.Select(w => (w.Table, w.Position.Position)));
        var result = new FlushResult(
            applied.GroupBy(w => w.Table).Select(g => new TableFlush(g.Key, g.Count(), 0, 0, 1)).ToList(), Reject.ToList(), StopAtFlush.ToList());
        waiting.Clear();
        Reject.Clear();
        StopAtFlush.Clear();
        return new(result);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class ListDeadLetters : IDeadLetterSink
{
    public List<DeadLetter> Letters { get; } = [];

    public ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        Letters.Add(letter);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Cells that are plain text.</summary>
internal sealed class TextDecoder : CellDecoder
{
    public static TextDecoder Instance { get; } = new();

    public override bool TryGetUtf8(scoped in Cell cell, out ReadOnlySpan<byte> utf8)
    {
        utf8 = cell.Raw;
        return true;
    }

    public override int GetMaxUtf8Length(in Cell cell) => cell.Raw.Length;

    public override int CopyUtf8(in Cell cell, Span<byte> destination)
    {
        cell.Raw.CopyTo(destination);
        return cell.Raw.Length;
    }

    public override long GetInt64(in Cell cell) => long.TryParse(cell.Raw, out var value) ? value : throw cell.Malformed("no integer");

    public override bool GetBoolean(in Cell cell) => cell.Raw.SequenceEqual("true"u8);

    public override ulong GetUInt64(in Cell cell) => (ulong)GetInt64(in cell);

    public override float GetSingle(in Cell cell) => float.Parse(cell.Raw, System.Globalization.CultureInfo.InvariantCulture);

    public override double GetDouble(in Cell cell) => double.Parse(cell.Raw, System.Globalization.CultureInfo.InvariantCulture);

    public override void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination) => throw cell.Refuse(RefusalReason.Type);

    public override UInt128 GetUuid(in Cell cell) => throw cell.Refuse(RefusalReason.Type);

    public override long GetDate(in Cell cell) => throw cell.Refuse(RefusalReason.Type);

    public override long GetTime(in Cell cell, int digits) => throw cell.Refuse(RefusalReason.Type);

    public override long GetTimestamp(in Cell cell, int digits) => throw cell.Refuse(RefusalReason.Type);

    public override (double X, double Y) GetPoint(in Cell cell) => throw cell.Refuse(RefusalReason.Type);

    public override int GetMaxByteLength(in Cell cell) => cell.Raw.Length;

    public override int CopyBytes(in Cell cell, Span<byte> destination) => CopyUtf8(in cell, destination);

    public override bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element) => throw cell.Refuse(RefusalReason.Type);
}
