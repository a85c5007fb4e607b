using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>LowCardinality(String) and LowCardinality(Nullable(String)): a dictionary and an index for each row.</summary>
internal sealed class LowCardinalityColumn(ClickHouseType type, bool nullable) : ColumnEncoder(type)
{
    private const ulong SharedDictionariesWithAdditionalKeys = 1;
    private const ulong HasAdditionalKeys = 1 << 9;
    private const ulong NeedsUpdate = 1 << 10;
    private const ulong Index32 = 2;

    // Entry 0 is the empty string, which stands for NULL where the column may be; the empty string as a value then needs one of its own.
    private readonly ByteBuffer dictionary = new();
    private readonly List<int> ends = [];
    private readonly ByteBuffer indexes = new();
    private int[] slots = new int[64];
    private byte[] scratch = [];

    public override long Bytes => dictionary.Length + indexes.Length;

    public override void AppendValue(scoped in Cell cell)
    {
        if (!cell.TryGetUtf8(out var text))
        {
            if (scratch.Length < cell.MaxUtf8Length) scratch = new byte[cell.MaxUtf8Length];
            text = scratch.AsSpan(0, cell.CopyUtf8(scratch));
        }

        AppendText(text);
    }

    public void AppendText(ReadOnlySpan<byte> text) => indexes.AddInt32(Find(text));

    public override void AppendNull(scoped in Cell cell)
    {
        if (!nullable) throw cell.Refuse(RefusalReason.Null);
        AppendDefault();
    }

    public override void AppendDefault()
    {
        Start();
        indexes.AddInt32(0);
    }

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        if (nullable && RowBinary.ReadByte(ref from) != 0) AppendDefault();
        else AppendText(RowBinary.ReadString(ref from));
    }

    public override void Truncate(int rows)
    {
        indexes.Truncate(rows * 4);
        if (rows > 0) return;
        dictionary.Truncate(0);
        ends.Clear();
        Array.Clear(slots);
    }

    public override void CollectPrefix(SegmentList segments) => segments.AddUInt64(SharedDictionariesWithAdditionalKeys);

    public override void Collect(int first, int count, SegmentList segments)
    {
        // Nothing at all stands where there are no rows: the server reads no dictionary then.
        if (count == 0) return;
        segments.AddUInt64(Index32 | HasAdditionalKeys | NeedsUpdate);
        segments.AddUInt64((ulong)ends.Count);
        segments.Add(dictionary.Slice(0, dictionary.Length));
        segments.AddUInt64((ulong)count);
        segments.Add(indexes.Slice(first * 4, count * 4));
    }

    public override void Dispose()
    {
        dictionary.Dispose();
        indexes.Dispose();
    }

    private void Start()
    {
        if (ends.Count == 0) Add([]);
    }

    private int Find(ReadOnlySpan<byte> text)
    {
        Start();
        if (text.IsEmpty && !nullable) return 0;
        var mask = slots.Length - 1;
        for (var slot = Hash(text) & mask; ; slot = (slot + 1) & mask)
        {
            var entry = slots[slot];
            if (entry == 0)
            {
                entry = Add(text);
                slots[slot] = entry;
                if (ends.Count * 2 > slots.Length) Rehash();
                return entry;
            }

            if (Entry(entry).SequenceEqual(text)) return entry;
        }
    }

    private int Add(ReadOnlySpan<byte> text)
    {
        dictionary.AddVarUInt((uint)text.Length);
        dictionary.Add(text);
        ends.Add(dictionary.Length);
        return ends.Count - 1;
    }

    private ReadOnlySpan<byte> Entry(int entry)
    {
        var start = entry == 0 ? 0 : ends[entry - 1];
        var bytes = dictionary.Slice(start, ends[entry] - start).Span;
        while ((bytes[0] & 0x80) != 0) bytes = bytes[1..];
        return bytes[1..];
    }

    private void Rehash()
    {
        slots = new int[slots.Length * 2];
        var mask = slots.Length - 1;
        for (var entry = 1; entry < ends.Count; entry++)
        {
            var slot = Hash(Entry(entry)) & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = entry;
        }
    }

    private static int Hash(ReadOnlySpan<byte> text)
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode() & int.MaxValue;
    }
}
