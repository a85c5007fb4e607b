namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A column whose values all have the same width.</summary>
internal abstract class FixedColumn(ClickHouseType type, int width) : ScalarColumn(type)
{
    protected ByteBuffer Buffer { get; } = new();

    protected int Width { get; } = width;

    public override long Bytes => Buffer.Length;

    public sealed override ReadOnlySpan<byte> this[int row] => Buffer.Written.Slice(row * Width, Width);

    public override void AppendDefault() => Buffer.AddZeros(Width);

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        Buffer.Add(from[..Width]);
        from = from[Width..];
    }

    public override void Truncate(int rows) => Buffer.Truncate(rows * Width);

    public override void Collect(int first, int count, SegmentList segments) => segments.Add(Buffer.Slice(first * Width, count * Width));

    public override void Dispose() => Buffer.Dispose();
}
