using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Float32: NaN and the infinities are values.</summary>
internal sealed class Float32Column(ClickHouseType type) : FixedColumn(type, 4)
{
    public override void AppendValue(scoped in Cell cell)
    {
        var value = Integers.IsInteger(cell.Type.Kind) ? Integers.Signed(in cell) : cell.GetSingle();
        BinaryPrimitives.WriteSingleLittleEndian(Buffer.Room(4), value);
        Buffer.Advance(4);
    }
}

/// <summary>Float64: NaN and the infinities are values.</summary>
internal sealed class Float64Column(ClickHouseType type) : FixedColumn(type, 8)
{
    public override void AppendValue(scoped in Cell cell)
    {
        var value = cell.Type.Kind switch
        {
            ValueKind.Float32 => cell.GetSingle(),
            ValueKind.Float64 => cell.GetDouble(),
            _ => Integers.Signed(in cell),
        };
        BinaryPrimitives.WriteDoubleLittleEndian(Buffer.Room(8), value);
        Buffer.Advance(8);
    }
}

/// <summary>Decimal(P, S): 4, 8, 16 or 32 bytes by the precision.</summary>
internal sealed class DecimalColumn(ClickHouseType type, int precision, int scale) : FixedColumn(type, WidthOf(precision))
{
    public static int WidthOf(int precision) => precision switch
    {
        <= 9 => 4,
        <= 18 => 8,
        <= 38 => 16,
        _ => 32,
    };

    public override void AppendValue(scoped in Cell cell)
    {
        cell.GetDecimal(precision, scale, Buffer.Room(Width)[..Width]);
        Buffer.Advance(Width);
    }
}

/// <summary>UUID: the high half, then the low half, each least significant byte first.</summary>
internal sealed class UuidColumn(ClickHouseType type) : FixedColumn(type, 16)
{
    public override void AppendValue(scoped in Cell cell)
    {
        var value = cell.GetUuid();
        var room = Buffer.Room(16);
        BinaryPrimitives.WriteUInt64LittleEndian(room, (ulong)(value >> 64));
        BinaryPrimitives.WriteUInt64LittleEndian(room[8..], (ulong)value);
        Buffer.Advance(16);
    }
}

/// <summary>Enum8 and Enum16: a label must be one of the type's own, or every later SELECT would fail.</summary>
internal sealed class EnumColumn(ClickHouseType type, int width) : FixedColumn(type, width)
{
    private readonly List<(byte[] Label, short Value)> labels = [.. type.Arguments.Select(a => (System.Text.Encoding.UTF8.GetBytes(a.Label!), (short)a.Value))];

    public override void AppendValue(scoped in Cell cell)
    {
        if (!cell.TryGetUtf8(out var text)) text = cell.GetTextBytes();
        foreach (var (label, value) in labels)
        {
            if (!text.SequenceEqual(label)) continue;
            Append(value);
            return;
        }

        throw cell.Refuse(RefusalReason.OutOfRange, "the label is none of the column's; add it to the column's type, or use LowCardinality(String)");
    }

    // The first label is the default, as the server has it: 0 need not be one.
    public override void AppendDefault() => Append(labels.Min(l => l.Value));

    private void Append(short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(Buffer.Room(2), value);
        Buffer.Advance(Width);
    }
}
