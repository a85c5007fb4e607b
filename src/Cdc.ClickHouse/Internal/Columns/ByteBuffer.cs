using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A growing buffer of pooled bytes.</summary>
internal sealed class ByteBuffer : IDisposable
{
    private byte[] array = [];

    public int Length { get; private set; }

    /// <summary>What the buffer holds, in place.</summary>
    public Span<byte> Written => array.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Slice(int start, int length) => array.AsMemory(start, length);

    /// <summary>Room for at least <paramref name="size"/> bytes, not yet part of the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int size)
    {
        if (array.Length - Length < size) Grow(size);
        return array.AsSpan(Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int size) => Length += size;

    public void Add(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    public void AddInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);
        Length += 4;
    }

    public void AddInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);
        Length += 8;
    }

    public void AddZeros(int size)
    {
        Room(size)[..size].Clear();
        Length += size;
    }

    /// <summary>An unsigned number in groups of seven bits, the least first.</summary>
    public void AddVarUInt(uint value)
    {
        var room = Room(5);
        var i = 0;
        while (value >= 0x80)
        {
            room[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[i++] = (byte)value;
        Length += i;
    }

    public void Truncate(int length) => Length = length;

    public void Dispose()
    {
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        array = [];
        Length = 0;
    }

    private void Grow(int size)
    {
        var wanted = checked(Length + size);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(wanted, (int)Math.Min(array.Length * 2L, Array.MaxLength)), 256));
        array.AsSpan(0, Length).CopyTo(larger);
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }
}
