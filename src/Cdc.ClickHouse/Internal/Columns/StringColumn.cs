using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>String: a length and bytes. Text as text, binary values as their raw bytes, everything else as its canonical text.</summary>
internal class StringColumn(ClickHouseType type) : ScalarColumn(type)
{
    private const int MaxVarUIntLength = 5;
    private readonly ByteBuffer buffer = new();
    private readonly List<int> ends = [];

    public override long Bytes => buffer.Length;

    public sealed override ReadOnlySpan<byte> this[int row]
    {
        get
        {
            var start = row == 0 ? 0 : ends[row - 1];
            return buffer.Written[start..ends[row]];
        }
    }

    public override void AppendValue(scoped in Cell cell)
    {
        if (cell.Type.Kind is ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry)
        {
            Append(in cell, cell.MaxByteLength, binary: true);
        }
        else if (cell.TryGetUtf8(out var text))
        {
            AppendBytes(text);
        }
        else
        {
            Append(in cell, cell.MaxUtf8Length, binary: false);
        }
    }

    public void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        buffer.AddVarUInt((uint)bytes.Length);
        buffer.Add(bytes);
        ends.Add(buffer.Length);
    }

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from) => AppendBytes(RowBinary.ReadString(ref from));

    public override void AppendDefault()
    {
        buffer.Add(0);
        ends.Add(buffer.Length);
    }

    public override void Truncate(int rows)
    {
        if (ends.Count > rows) CollectionsMarshal.SetCount(ends, rows);
        buffer.Truncate(rows == 0 ? 0 : ends[rows - 1]);
    }

    public override void Collect(int first, int count, SegmentList segments)
    {
        if (count == 0) return;
        var start = first == 0 ? 0 : ends[first - 1];
        segments.Add(buffer.Slice(start, ends[first + count - 1] - start));
    }

    public override void Dispose() => buffer.Dispose();

    private void Append(scoped in Cell cell, int bound, bool binary)
    {
        // The length is written in front once it is known: its own width depends on it.
        var room = buffer.Room(MaxVarUIntLength + bound);
        var body = room.Slice(MaxVarUIntLength, bound);
        var length = binary ? cell.CopyBytes(body) : cell.CopyUtf8(body);
        var width = WidthOf(length);
        body[..length].CopyTo(room[width..]);
        buffer.AddVarUInt((uint)length);
        buffer.Advance(length);
        ends.Add(buffer.Length);
    }

    private static int WidthOf(int length) => length switch
    {
        < 1 << 7 => 1,
        < 1 << 14 => 2,
        < 1 << 21 => 3,
        < 1 << 28 => 4,
        _ => 5,
    };
}

/// <summary>FixedString(N): exactly N bytes; a shorter value would be padded, and so changed.</summary>
internal sealed class FixedStringColumn(ClickHouseType type, int length) : FixedColumn(type, length)
{
    public override void AppendValue(scoped in Cell cell)
    {
        var binary = cell.Type.Kind is ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry;
        var room = Buffer.Room(Math.Max(Width, binary ? cell.MaxByteLength : cell.MaxUtf8Length));
        var written = binary ? cell.CopyBytes(room) : cell.CopyUtf8(room);
        if (written != Width) throw cell.Refuse(RefusalReason.OutOfRange, $"the value is not {Width} bytes long, and FixedString would pad or cut it; use String");
        Buffer.Advance(Width);
    }
}
