using System.Buffers.Text;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Booleans and integers.</summary>
internal static class IntegerValues
{
    public static bool GetBoolean(in Cell cell)
    {
        switch (cell.Token)
        {
            case WireToken.True:
                return true;
            case WireToken.False:
                return false;
            case WireToken.Number:
                // MySQL's BOOLEAN is 0 and 1 until the connector saw its DDL; a TINYINT(1) with another number is no boolean.
                var number = ReadInteger(in cell);
                if (number != 0 && number != 1) throw cell.Refuse(RefusalReason.OutOfRange, "the number is neither 0 nor 1 and the column is a boolean: store it as an integer");
                return number != 0;
            default:
                throw WireErrors.Contradicts(in cell);
        }
    }

    public static long GetInt64(in Cell cell)
    {
        if (cell.Type.Kind == ValueKind.Int64 && cell.Token == WireToken.Number && TryRead(cell.Raw, out var plain)) return plain;
        var value = GetInteger(in cell);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    public static ulong GetUInt64(in Cell cell)
    {
        var value = GetInteger(in cell);
        return value >= ulong.MinValue && value <= ulong.MaxValue ? (ulong)value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    /// <summary>An integer in the range of the cell's type.</summary>
    public static Int128 GetInteger(in Cell cell)
    {
        var value = cell.Token switch
        {
            WireToken.Number => ReadInteger(in cell),
            WireToken.True => 1,
            WireToken.False => 0,
            _ => throw WireErrors.Contradicts(in cell),
        };

        // bigint.unsigned.handling.mode=long sends what lies beyond Int64 as a negative number.
        if (cell.Type.Kind == ValueKind.UInt64 && value < 0 && value >= long.MinValue) value += (Int128)1 << 64;
        return IsInRange(cell.Type.Kind, value) ? value : throw WireErrors.NotA(in cell, "in the range of that type");
    }

    /// <summary>Reads a plain JSON integer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> raw, out long value) =>
        Utf8Parser.TryParse(raw, out value, out var consumed) && consumed == raw.Length && raw[0] != '+';

    private static Int128 ReadInteger(in Cell cell)
    {
        if (TryRead(cell.Raw, out var plain)) return plain;

        // 18446744073709551615, 1.0 and 1E3 are integers too.
        if (!DecimalNotation.TryParse(cell.Raw, out var number)) throw WireErrors.NotA(in cell, "an integer");
        return number.GetUnscaled(38, 0, out var magnitude) switch
        {
            null => number.IsNegative ? -(Int128)magnitude.Lower : (Int128)magnitude.Lower,
            RefusalReason.OutOfRange => throw cell.Refuse(RefusalReason.OutOfRange),
            _ => throw WireErrors.NotA(in cell, "an integer"),
        };
    }

    private static bool IsInRange(ValueKind kind, Int128 value) => kind switch
    {
        ValueKind.Boolean => value >= 0 && value <= 1,
        ValueKind.Int8 => value >= sbyte.MinValue && value <= sbyte.MaxValue,
        ValueKind.Int16 => value >= short.MinValue && value <= short.MaxValue,
        ValueKind.Int32 => value >= int.MinValue && value <= int.MaxValue,
        ValueKind.UInt8 => value >= 0 && value <= byte.MaxValue,
        ValueKind.UInt16 => value >= 0 && value <= ushort.MaxValue,
        ValueKind.UInt32 => value >= 0 && value <= uint.MaxValue,
        ValueKind.UInt64 => value >= 0 && value <= ulong.MaxValue,
        ValueKind.Int64 or ValueKind.Interval => value >= long.MinValue && value <= long.MaxValue,
        _ => true,
    };
}
