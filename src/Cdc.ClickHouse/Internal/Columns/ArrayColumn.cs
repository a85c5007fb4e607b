using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Array(T): the end of each row among the elements, then the elements.</summary>
internal sealed class ArrayColumn(ClickHouseType type, ColumnEncoder inner, ColumnRules rules) : ColumnEncoder(type)
{
    private readonly ByteBuffer ends = new();
    private readonly List<int> nullRows = [];
    private int elements;

    public override long Bytes => ends.Length + inner.Bytes;

    public override long NullArrays => nullRows.Count + inner.NullArrays;

    private int Rows => ends.Length / sizeof(long);

    public override void AppendValue(scoped in Cell cell)
    {
        var position = 0;
        while (cell.TryGetNextElement(ref position, out var element))
        {
            inner.Append(in element);
            elements++;
        }

        ends.AddInt64(elements);
    }

    public override void AppendNull(scoped in Cell cell)
    {
        if (rules.NullArray == NullArrayPolicy.Refuse) throw cell.Refuse(RefusalReason.Null, "the array is NULL, which ClickHouse's arrays cannot be; choose NullArray = Empty or Text");
        nullRows.Add(Rows);
        AppendDefault();
    }

    public override void AppendDefault() => ends.AddInt64(elements);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        var count = RowBinary.ReadVarUInt(ref from);
        for (var i = 0; i < count; i++) inner.AppendRowBinary(ref from);
        elements += count;
        ends.AddInt64(elements);
    }

    public override void Truncate(int rows)
    {
        if (Rows > rows) ends.Truncate(rows * sizeof(long));
        while (nullRows.Count > 0 && nullRows[^1] >= rows) nullRows.RemoveAt(nullRows.Count - 1);
        elements = EndOf(rows - 1);
        inner.Truncate(elements);
    }

    public override void CollectPrefix(SegmentList segments) => inner.CollectPrefix(segments);

    public override void Collect(int first, int count, SegmentList segments)
    {
        if (count == 0) return;
        var start = EndOf(first - 1);
        if (start == 0)
        {
            segments.Add(ends.Slice(first * sizeof(long), count * sizeof(long)));
        }
        else
        {
            var moved = new byte[count * sizeof(long)];
            for (var i = 0; i < count; i++) BinaryPrimitives.WriteInt64LittleEndian(moved.AsSpan(i * sizeof(long)), EndOf(first + i) - start);
            segments.Add(moved);
        }

        inner.Collect(start, EndOf(first + count - 1) - start, segments);
    }

    public override void Dispose()
    {
        ends.Dispose();
        inner.Dispose();
    }

    private int EndOf(int row) => row < 0 ? 0 : (int)BinaryPrimitives.ReadInt64LittleEndian(ends.Written[(row * sizeof(long))..]);
}
