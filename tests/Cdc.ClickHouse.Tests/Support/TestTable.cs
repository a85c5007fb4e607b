using System.Text;

namespace Cdc.ClickHouse.Tests.Support;

/// <summary>A source's table of a test, and changes of its rows written as text.</summary>
public sealed class TestTable
{
    public const string Unavailable = "\0unavailable";
    public const string Absent = "\0absent";
    private readonly string[] key;
    private long offset;

    public TestTable(string database, string name, string[] key, params ColumnShape[] columns)
        : this(new TableId("", database, name), key, VersionLayout.Log, columns)
    {
    }

    public TestTable(TableId id, string[] key, VersionLayout layout, params ColumnShape[] columns)
    {
        this.key = key;
        Shape = new TableShape(id, [.. columns], [.. key.Select(k => columns.Single(c => c.Name == k))], TextDecoder.Instance, layout);
    }

    public TableShape Shape { get; }

    public string Topic { get; init; } = "topic";

    public int Partition { get; init; }

    public static ColumnShape Column(string name, ValueKind kind, bool nullable = false) => new(name, new SourceType(kind), nullable);

    public ChangeEvent Insert(ulong version, params string?[] values) => Change(ChangeOperation.Insert, version, values);

    public ChangeEvent Update(ulong version, params string?[] values) => Change(ChangeOperation.Update, version, values);

    /// <summary>A row of a snapshot; the first snapshot's version is 0.</summary>
    public ChangeEvent Read(ulong version, params string?[] values)
    {
        var change = Change(ChangeOperation.Read, version, values);
        change.Version = new RowVersion(0, version, 0, RowVersion.SnapshotRank);
        change.IsSnapshot = true;
        return change;
    }

    public ChangeEvent Delete(ulong version, params string?[] keyValues)
    {
        var change = Begin(ChangeOperation.Delete, version);
        Fill(change.Key, true, keyValues);
        return change;
    }

    public ChangeEvent Truncate(ulong version)
    {
        var change = Begin(ChangeOperation.Truncate, version);
        change.Version = new RowVersion(0, change.Version.Commit, change.Version.Event, RowVersion.TruncateRank);
        return change;
    }

    /// <summary>The insert of a change of key.</summary>
    public ChangeEvent Move(ulong version, string?[] oldKey, params string?[] values)
    {
        var change = Change(ChangeOperation.Insert, version, values);
        Fill(change.OldKey, true, oldKey);
        return change;
    }

    public ChangeEvent UpdateWithBefore(ulong version, string?[] before, params string?[] values)
    {
        var change = Change(ChangeOperation.Update, version, values);
        Fill(change.Before, false, before);
        return change;
    }

    private ChangeEvent Change(ChangeOperation operation, ulong version, string?[] values)
    {
        var change = Begin(operation, version);
        Fill(change.After, false, values);
        if (key.Length > 0) Fill(change.Key, true, [.. key.Select(k => values[Shape.IndexOf(k)])]);
        return change;
    }

    private ChangeEvent Begin(ChangeOperation operation, ulong version)
    {
        var change = new ChangeEvent();
        change.Begin(new SourceMessage(Topic, Partition, offset++, null, null));
        change.Operation = operation;
        change.Shape = Shape;
        change.Version = new RowVersion(0, version, version, RowVersion.ChangeRank);
        change.SourceTimestamp = 1_700_000_000_000_000;
        return change;
    }

    private void Fill(RowImage image, bool ofKey, string?[] values)
    {
        var encoded = values.Select(v => Encoding.UTF8.GetBytes(v is null or Absent or Unavailable ? "" : v)).ToArray();
        image.Begin(Shape, ofKey, encoded.SelectMany(e => e).ToArray(), "$");
        var start = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var state = values[i] switch { null => CellState.Null, Absent => CellState.Absent, Unavailable => CellState.Unavailable, _ => CellState.Value };
            image.Set(i, state, 0, start, encoded[i].Length);
            start += encoded[i].Length;
        }
    }
}
