using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A tuple of two floats, nullable or not, for a point: its elements one after the other. A NULL point is a tuple of NULLs.</summary>
internal sealed class PointColumn(ClickHouseType type, bool nullable) : ColumnEncoder(type)
{
    private readonly ByteBuffer nulls = new();
    private readonly ByteBuffer x = new();
    private readonly ByteBuffer y = new();

    public override long Bytes => nulls.Length + x.Length + y.Length;

    public override void AppendValue(scoped in Cell cell)
    {
        var point = cell.GetPoint();
        Append(0, point.X, point.Y);
    }

    public override void AppendNull(scoped in Cell cell)
    {
        if (!nullable) throw cell.Refuse(RefusalReason.Null);
        AppendDefault();
    }

    public override void AppendDefault() => Append(1, 0, 0);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        var isNull = nullable ? RowBinary.ReadByte(ref from) : (byte)0;
        var first = isNull == 0 ? RowBinary.ReadDouble(ref from) : 0;
        if (nullable) isNull |= RowBinary.ReadByte(ref from);
        Append(isNull, first, isNull == 0 ? RowBinary.ReadDouble(ref from) : 0);
    }

    public override void Truncate(int rows)
    {
        nulls.Truncate(rows);
        x.Truncate(rows * 8);
        y.Truncate(rows * 8);
    }

    public override void Collect(int first, int count, SegmentList segments)
    {
        if (nullable) segments.Add(nulls.Slice(first, count));
        segments.Add(x.Slice(first * 8, count * 8));
        if (nullable) segments.Add(nulls.Slice(first, count));
        segments.Add(y.Slice(first * 8, count * 8));
    }

    public override void Dispose()
    {
        nulls.Dispose();
        x.Dispose();
        y.Dispose();
    }

    private void Append(byte isNull, double first, double second)
    {
        nulls.Add(isNull);
        BinaryPrimitives.WriteDoubleLittleEndian(x.Room(8), first);
        x.Advance(8);
        BinaryPrimitives.WriteDoubleLittleEndian(y.Room(8), second);
        y.Advance(8);
    }
}
