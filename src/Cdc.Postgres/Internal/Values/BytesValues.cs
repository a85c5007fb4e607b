using System.Buffers;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Bytes, bit strings and the bytes of geometries.</summary>
internal static class BytesValues
{
    /// <summary>Whether the value is bytes, so that its text is base64.</summary>
    public static bool IsBytes(SourceType type) => type.Kind is ValueKind.Bytes or ValueKind.Bits or ValueKind.Geometry;

    public static int Copy(in Cell cell, Span<byte> destination)
    {
        if (PgDecoder.Form(in cell) == PgForm.Bits) return CopyBits(in cell, destination);
        var raw = cell.Raw;
        if (PgDecoder.IsBinary(in cell))
        {
            raw.CopyTo(destination);
            return raw.Length;
        }

        if (PgDecoder.Form(in cell) == PgForm.Bytea)
        {
            // Inside an array the backslash is escaped.
            if (raw.StartsWith("\\\\x"u8)) raw = raw[3..];
            else if (raw.StartsWith("\\x"u8)) raw = raw[2..];
            else throw PgDecoder.NotA(in cell, "bytes in bytea_output=hex");
        }

        return Convert.FromHexString(raw, destination, out var consumed, out var written) == OperationStatus.Done && consumed == raw.Length ? written : throw PgDecoder.NotA(in cell, "hexadecimal digits");
    }

    // The last bit is the least significant of the first byte; zero bytes at the end are dropped, as Debezium has it.
    private static int CopyBits(in Cell cell, Span<byte> destination)
    {
        var raw = cell.Raw;
        var length = (raw.Length + 7) / 8;
        destination[..length].Clear();
        for (var i = 0; i < raw.Length; i++)
        {
            var bit = raw[raw.Length - 1 - i] - '0';
            if (bit is not (0 or 1)) throw PgDecoder.NotA(in cell, "a bit string");
            destination[i / 8] |= (byte)(bit << (i % 8));
        }

        return destination[..length].LastIndexOfAnyExcept((byte)0) + 1;
    }
}
