using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>The pieces of a request's body in their order: nothing is put together before it is sent.</summary>
internal sealed class SegmentList
{
    private readonly List<ReadOnlyMemory<byte>> segments = [];

    public long Length { get; private set; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => segments;

    public void Add(ReadOnlyMemory<byte> segment)
    {
        if (segment.IsEmpty) return;
        segments.Add(segment);
        Length += segment.Length;
    }

    public void Add(SegmentList others)
    {
        foreach (var segment in others.segments) Add(segment);
    }

    public void AddUInt64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Add(bytes);
    }
}
