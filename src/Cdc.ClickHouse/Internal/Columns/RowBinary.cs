using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Reads the parts of a value in ClickHouse's RowBinary form.</summary>
internal static class RowBinary
{
    public static byte ReadByte(ref ReadOnlySpan<byte> from)
    {
        var value = from[0];
        from = from[1..];
        return value;
    }

    public static int ReadVarUInt(ref ReadOnlySpan<byte> from)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = ReadByte(ref from);
            value |= (next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }

    public static ReadOnlySpan<byte> ReadString(ref ReadOnlySpan<byte> from)
    {
        var length = ReadVarUInt(ref from);
        var bytes = from[..length];
        from = from[length..];
        return bytes;
    }

    public static double ReadDouble(ref ReadOnlySpan<byte> from)
    {
        var value = BinaryPrimitives.ReadDoubleLittleEndian(from);
        from = from[8..];
        return value;
    }
}
