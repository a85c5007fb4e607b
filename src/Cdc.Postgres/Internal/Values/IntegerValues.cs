using System.Buffers.Binary;
using System.Buffers.Text;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Booleans and integers.</summary>
internal static class IntegerValues
{
    public static bool GetBoolean(in Cell cell)
    {
        var raw = cell.Raw;
        if (raw.Length != 1) throw PgDecoder.NotA(in cell, "a boolean");
        return (PgDecoder.Form(in cell), PgDecoder.IsBinary(in cell), raw[0]) switch
        {
            (PgForm.Bool, true, 1) or (PgForm.Bool, false, (byte)'t') or (PgForm.Bits, _, (byte)'1') => true,
            (PgForm.Bool, true, 0) or (PgForm.Bool, false, (byte)'f') or (PgForm.Bits, _, (byte)'0') => false,
            _ => throw PgDecoder.NotA(in cell, "a boolean"),
        };
    }

    public static long GetInt64(in Cell cell)
    {
        switch (PgDecoder.Form(in cell))
        {
            case PgForm.Integer or PgForm.Unsigned:
                return PgDecoder.IsBinary(in cell) ? ReadBinary(in cell) : ReadText(in cell);
            case PgForm.Interval:
                return IntervalValues.GetMicroseconds(in cell);
            default:
                return cell.Type.Kind == ValueKind.Boolean ? GetBoolean(in cell) ? 1 : 0 : throw PgDecoder.Contradicts(in cell);
        }
    }

    private static long ReadText(in Cell cell)
    {
        if (!Utf8Parser.TryParse(cell.Raw, out long value, out var consumed) || consumed != cell.Raw.Length) throw PgDecoder.NotA(in cell, "an integer");
        var fits = cell.Type.Kind switch
        {
            ValueKind.Int16 => value == (short)value,
            ValueKind.Int32 => value == (int)value,
            _ => PgDecoder.Form(in cell) != PgForm.Unsigned || value == (uint)value,
        };
        return fits ? value : throw PgDecoder.NotA(in cell, "in the range of its type");
    }

    private static long ReadBinary(in Cell cell) => (cell.Raw.Length, cell.Type.Kind) switch
    {
        (2, ValueKind.Int16) => BinaryPrimitives.ReadInt16BigEndian(cell.Raw),
        (4, ValueKind.Int32) => BinaryPrimitives.ReadInt32BigEndian(cell.Raw),
        (4, ValueKind.Int64) when PgDecoder.Form(in cell) == PgForm.Unsigned => BinaryPrimitives.ReadUInt32BigEndian(cell.Raw),
        (8, ValueKind.Int64) => BinaryPrimitives.ReadInt64BigEndian(cell.Raw),
        _ => throw PgDecoder.NotA(in cell, "an integer of its type's size"),
    };
}
