using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Bool: one byte, 0 or 1.</summary>
internal sealed class BoolColumn(ClickHouseType type) : FixedColumn(type, 1)
{
    public override void AppendValue(scoped in Cell cell)
    {
        if (cell.Type.Kind is ValueKind.Boolean or ValueKind.Bits)
        {
            Buffer.Add(cell.GetBoolean() ? (byte)1 : (byte)0);
            return;
        }

        var value = Integers.Unsigned(in cell);
        if (value > 1) throw cell.Refuse(RefusalReason.OutOfRange, "the number is neither 0 nor 1 and the column is a Bool; use an integer type");
        Buffer.Add((byte)value);
    }
}

/// <summary>Int8 to Int64.</summary>
internal sealed class IntColumn(ClickHouseType type, int width) : FixedColumn(type, width)
{
    private readonly long min = width == 8 ? long.MinValue : -(1L << ((width * 8) - 1));
    private readonly long max = width == 8 ? long.MaxValue : (1L << ((width * 8) - 1)) - 1;

    public override void AppendValue(scoped in Cell cell)
    {
        var value = Integers.Signed(in cell);
        if (value < min || value > max) throw cell.Refuse(RefusalReason.OutOfRange);
        BinaryPrimitives.WriteInt64LittleEndian(Buffer.Room(8), value);
        Buffer.Advance(Width);
    }
}

/// <summary>UInt8 to UInt64.</summary>
internal sealed class UIntColumn(ClickHouseType type, int width) : FixedColumn(type, width)
{
    private readonly ulong max = width == 8 ? ulong.MaxValue : (1UL << (width * 8)) - 1;

    public override void AppendValue(scoped in Cell cell)
    {
        var value = Integers.Unsigned(in cell);
        if (value > max) throw cell.Refuse(RefusalReason.OutOfRange);
        BinaryPrimitives.WriteUInt64LittleEndian(Buffer.Room(8), value);
        Buffer.Advance(Width);
    }
}

/// <summary>Int128, Int256, UInt128 and UInt256, by way of a decimal without a scale.</summary>
internal sealed class WideIntColumn(ClickHouseType type, int width, bool signed) : FixedColumn(type, width)
{
    public override void AppendValue(scoped in Cell cell)
    {
        var room = Buffer.Room(32)[..32];
        if (cell.Type.Kind is ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64)
        {
            room.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(room, cell.GetUInt64());
        }
        else if (Integers.IsInteger(cell.Type.Kind))
        {
            var value = Integers.Signed(in cell);
            room.Fill(value < 0 ? (byte)0xff : (byte)0);
            BinaryPrimitives.WriteInt64LittleEndian(room, value);
        }
        else
        {
            cell.GetDecimal(76, 0, room);
        }

        // What lies beyond the column's width must be nothing but the sign.
        var negative = (room[31] & 0x80) != 0;
        if (negative && !signed) throw cell.Refuse(RefusalReason.OutOfRange);
        if (room[Width..].ContainsAnyExcept(negative ? (byte)0xff : (byte)0) || (signed && (room[Width - 1] & 0x80) != 0 != negative)) throw cell.Refuse(RefusalReason.OutOfRange);
        Buffer.Advance(Width);
    }
}

/// <summary>Integers out of whatever source kind an integer column accepts.</summary>
internal static class Integers
{
    public static bool IsInteger(ValueKind kind) => kind is >= ValueKind.Int8 and <= ValueKind.UInt64 or ValueKind.Boolean or ValueKind.Interval;

    public static long Signed(scoped in Cell cell) => cell.Type.Kind switch
    {
        ValueKind.Boolean => cell.GetBoolean() ? 1 : 0,
        ValueKind.UInt64 => cell.GetUInt64() is var value and <= long.MaxValue ? (long)value : throw cell.Refuse(RefusalReason.OutOfRange),
        ValueKind.Decimal or ValueKind.Number => FromDecimal(in cell),
        ValueKind.Time => cell.GetTime(6),
        _ => cell.GetInt64(),
    };

    public static ulong Unsigned(scoped in Cell cell) => cell.Type.Kind switch
    {
        ValueKind.Boolean => cell.GetBoolean() ? 1u : 0,
        ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64 => cell.GetUInt64(),
        ValueKind.Decimal or ValueKind.Number => UnsignedFromDecimal(in cell),
        _ => cell.GetInt64() is var value and >= 0 ? (ulong)value : throw cell.Refuse(RefusalReason.OutOfRange),
    };

    private static long FromDecimal(scoped in Cell cell)
    {
        var value = Wide(in cell);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    private static ulong UnsignedFromDecimal(scoped in Cell cell)
    {
        var value = Wide(in cell);
        return value >= 0 && value <= ulong.MaxValue ? (ulong)value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    private static Int128 Wide(scoped in Cell cell)
    {
        Span<byte> bytes = stackalloc byte[16];
        cell.GetDecimal(38, 0, bytes);
        return BinaryPrimitives.ReadInt128LittleEndian(bytes);
    }
}
