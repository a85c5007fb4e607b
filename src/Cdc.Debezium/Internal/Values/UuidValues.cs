using System.Buffers.Binary;
using System.Buffers.Text;

namespace Cdc.Debezium.Internal.Values;

/// <summary>UUIDs.</summary>
internal static class UuidValues
{
    public static UInt128 GetUuid(in Cell cell)
    {
        Span<byte> bytes = stackalloc byte[16];
        Read(in cell).TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static int Copy(in Cell cell, Span<byte> destination)
    {
        Read(in cell).TryFormat(destination, out var written);
        return written;
    }

    private static Guid Read(in Cell cell)
    {
        if (cell.Token != WireToken.PlainString) throw WireErrors.Contradicts(in cell);

        // Lower case from PostgreSQL, upper case from SQL Server.
        return Utf8Parser.TryParse(cell.Raw, out Guid value, out var consumed) && consumed == cell.Raw.Length ? value : throw WireErrors.NotA(in cell, "a UUID");
    }
}
