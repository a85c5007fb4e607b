using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>LowCardinality(T) and LowCardinality(Nullable(T)): a dictionary of the values and an index for each row.</summary>
internal sealed class LowCardinalityColumn : ColumnEncoder
{
    private const ulong SharedDictionariesWithAdditionalKeys = 1;
    private const ulong HasAdditionalKeys = 1 << 9;
    private const ulong NeedsUpdate = 1 << 10;

    // Entry 0 is the type's zero. It stands for NULL where the column may be; the zero as a value then needs an entry of its own.
    private readonly ScalarColumn keys;
    private readonly List<int> firstRows = [];
    private readonly ByteBuffer indexes = new();
    private readonly bool nullable;
    private readonly int[] recent = new int[64];
    private int[] slots = new int[64];
    private int width = 1;

    public LowCardinalityColumn(ClickHouseType type, bool nullable)
        : this(type, nullable, new StringColumn(type.Bare))
    {
    }

    public LowCardinalityColumn(ClickHouseType type, bool nullable, ScalarColumn keys)
        : base(type)
    {
        this.nullable = nullable;
        this.keys = keys;
        Start();
    }

    public override long Bytes => Rows == 0 ? 0 : keys.Bytes + indexes.Length;

    private int Rows => indexes.Length / width;

    public override void AppendValue(scoped in Cell cell)
    {
        keys.AppendValue(in cell);
        AppendIndex(FindLast());
    }

    public void AppendText(ReadOnlySpan<byte> text)
    {
        ((StringColumn)keys).AppendBytes(text);
        AppendIndex(FindLast());
    }

    public override void AppendNull(scoped in Cell cell)
    {
        if (!nullable) throw cell.Refuse(RefusalReason.Null);
        AppendIndex(0);
    }

    public override void AppendDefault() => AppendIndex(0);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        if (nullable && RowBinary.ReadByte(ref from) != 0)
        {
            AppendIndex(0);
            return;
        }

        keys.AppendRowBinary(ref from);
        AppendIndex(FindLast());
    }

    public override void Truncate(int rows)
    {
        indexes.Truncate(rows * width);
        if (rows == 0)
        {
            width = 1;
            keys.Truncate(0);
            firstRows.Clear();
            Array.Clear(slots);
            Start();
            return;
        }

        // Entries go in the reverse of the order they came in, so the open addressing stays whole.
        keys.Truncate(firstRows.Count);
        while (firstRows[^1] >= rows)
        {
            var entry = firstRows.Count - 1;
            slots[SlotOf(entry)] = 0;
            keys.Truncate(entry);
            firstRows.RemoveAt(entry);
        }
    }

    public override void CollectPrefix(SegmentList segments) => segments.AddUInt64(SharedDictionariesWithAdditionalKeys);

    public override void Collect(int first, int count, SegmentList segments)
    {
        // Nothing at all stands where there are no rows: the server reads no dictionary then.
        if (count == 0) return;
        segments.AddUInt64((ulong)(width / 2) | HasAdditionalKeys | NeedsUpdate);
        if (first == 0 && count == Rows)
        {
            segments.AddUInt64((ulong)firstRows.Count);
            keys.Collect(0, firstRows.Count, segments);
            segments.AddUInt64((ulong)count);
            segments.Add(indexes.Slice(0, indexes.Length));
        }
        else
        {
            CollectPart(first, count, segments);
        }
    }

    public override void Dispose()
    {
        keys.Dispose();
        indexes.Dispose();
    }

    /// <summary>Some rows with the entries that they use: a part does not carry the whole block's dictionary.</summary>
    private void CollectPart(int first, int count, SegmentList segments)
    {
        var numbers = new int[firstRows.Count];
        var used = 1;
        var part = new byte[(count * width) + sizeof(int)];
        var entries = new SegmentList();
        keys.Collect(0, 1, entries);
        for (var i = 0; i < count; i++)
        {
            var entry = IndexAt(first + i);
            if (entry > 0 && numbers[entry] == 0)
            {
                numbers[entry] = used++;
                keys.Collect(entry, 1, entries);
            }

            BinaryPrimitives.WriteInt32LittleEndian(part.AsSpan(i * width), numbers[entry]);
        }

        segments.AddUInt64((ulong)used);
        segments.Add(entries);
        segments.AddUInt64((ulong)count);
        segments.Add(part.AsMemory(0, count * width));
    }

    private void Start()
    {
        keys.AppendDefault();
        firstRows.Add(-1);
        if (!nullable) slots[SlotOf(0)] = 1;
    }

    /// <summary>The entry that equals the last key; the key stays only where it is a new one.</summary>
    private int FindLast()
    {
        var last = firstRows.Count;
        var key = keys[last];

        // Few labels come again and again: one guess saves most of the hashing. A stale guess is only a wrong one.
        ref var guess = ref recent[((key.Length * 7) + (key[^1] * 31) + key[key.Length / 2]) & 63];
        if (guess > 0 && guess <= last && keys[guess - 1].SequenceEqual(key))
        {
            keys.Truncate(last);
            return guess - 1;
        }

        var slot = SlotOf(last);
        if (slots[slot] > 0)
        {
            keys.Truncate(last);
            guess = slots[slot];
            return guess - 1;
        }

        guess = slots[slot] = last + 1;
        firstRows.Add(Rows);
        if (firstRows.Count * 2 > slots.Length) Rehash();
        return last;
    }

    /// <summary>The slot that holds the entry, or an entry with the same key, or that is free for it.</summary>
    private int SlotOf(int entry)
    {
        var key = keys[entry];
        var hash = new HashCode();
        hash.AddBytes(key);
        var mask = slots.Length - 1;
        var slot = hash.ToHashCode() & mask;
        while (slots[slot] is var found and > 0 && found != entry + 1 && !keys[found - 1].SequenceEqual(key)) slot = (slot + 1) & mask;
        return slot;
    }

    private void Rehash()
    {
        slots = new int[slots.Length * 2];
        for (var entry = nullable ? 1 : 0; entry < firstRows.Count; entry++) slots[SlotOf(entry)] = entry + 1;
    }

    private void AppendIndex(int entry)
    {
        while (width < 4 && entry >> (width * 8) != 0) Widen();
        BinaryPrimitives.WriteInt32LittleEndian(indexes.Room(4), entry);
        indexes.Advance(width);
    }

    private int IndexAt(int row)
    {
        var at = indexes.Written[(row * width)..];
        return width switch
        {
            1 => at[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(at),
            _ => BinaryPrimitives.ReadInt32LittleEndian(at),
        };
    }

    private void Widen()
    {
        var rows = Rows;
        var wider = width * 2;
        indexes.AddZeros(rows * width);
        for (var row = rows - 1; row >= 0; row--)
        {
            var entry = IndexAt(row);
            var at = indexes.Written[(row * wider)..];
            if (wider == 2) BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)entry);
            else BinaryPrimitives.WriteInt32LittleEndian(at, entry);
        }

        width = wider;
    }
}
