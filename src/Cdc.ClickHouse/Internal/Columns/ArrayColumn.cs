using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Array(T): the end of each row among the elements, then the elements.</summary>
internal sealed class ArrayColumn(ClickHouseType type, ColumnEncoder inner, ColumnRules rules) : ColumnEncoder(type)
{
    private readonly List<int> ends = [];
    private int elements;
    private long nullArrays;

    public override long Bytes => (ends.Count * 8L) + inner.Bytes;

    public override long NullArrays => nullArrays;

    public override void AppendValue(scoped in Cell cell)
    {
        var position = 0;
        while (cell.TryGetNextElement(ref position, out var element))
        {
            inner.Append(in element);
            elements++;
        }

        ends.Add(elements);
    }

    public override void AppendNull(scoped in Cell cell)
    {
        if (rules.NullArray == NullArrayPolicy.Refuse) throw cell.Refuse(RefusalReason.Null, "the array is NULL, which ClickHouse's arrays cannot be; choose NullArray = Empty or Text");
        nullArrays++;
        AppendDefault();
    }

    public override void AppendDefault() => ends.Add(elements);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        var count = RowBinary.ReadVarUInt(ref from);
        for (var i = 0; i < count; i++) inner.AppendRowBinary(ref from);
        elements += count;
        ends.Add(elements);
    }

    public override void Truncate(int rows)
    {
        if (ends.Count > rows) CollectionsMarshal.SetCount(ends, rows);
        elements = rows == 0 ? 0 : ends[rows - 1];
        inner.Truncate(elements);
    }

    public override void CollectPrefix(SegmentList segments) => inner.CollectPrefix(segments);

    public override void Collect(int first, int count, SegmentList segments)
    {
        if (count == 0) return;
        var start = first == 0 ? 0 : ends[first - 1];
        var offsets = new byte[count * 8];
        for (var i = 0; i < count; i++) BinaryPrimitives.WriteInt64LittleEndian(offsets.AsSpan(i * 8), ends[first + i] - start);
        segments.Add(offsets);
        inner.Collect(start, ends[first + count - 1] - start, segments);
    }

    public override void Dispose() => inner.Dispose();
}
