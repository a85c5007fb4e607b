using System.Buffers.Binary;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Intervals as microseconds: a month counts 30.4375 days, as Debezium counts it, and exactly.</summary>
internal static class IntervalValues
{
    private const long MicrosecondsPerDay = 86_400_000_000;
    private const long MicrosecondsPerMonth = 2_629_800_000_000;

    // The hours of 64 bits of microseconds; every other part has 32 bits.
    private const long MaxPart = long.MaxValue / 3_600_000_000;

    public static long GetMicroseconds(in Cell cell)
    {
        var (months, days, microseconds) = PgDecoder.IsBinary(in cell) ? ReadBinary(in cell) : ReadText(in cell);
        var total = ((Int128)months * MicrosecondsPerMonth) + ((Int128)days * MicrosecondsPerDay) + microseconds;
        return total >= long.MinValue && total <= long.MaxValue ? (long)total : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    private static (long Months, long Days, Int128 Microseconds) ReadBinary(in Cell cell)
    {
        if (cell.Raw.Length != 16) throw PgDecoder.NotA(in cell, "an interval");
        var microseconds = BinaryPrimitives.ReadInt64BigEndian(cell.Raw);
        var days = BinaryPrimitives.ReadInt32BigEndian(cell.Raw[8..]);
        var months = BinaryPrimitives.ReadInt32BigEndian(cell.Raw[12..]);
        if (months is int.MaxValue or int.MinValue && days == months && microseconds is long.MaxValue or long.MinValue) throw cell.Refuse(RefusalReason.Infinity);
        return (months, days, microseconds);
    }

    // 1 year 2 mons -3 days +04:05:06.789, in the style "postgres".
    private static (long Months, long Days, Int128 Microseconds) ReadText(in Cell cell)
    {
        var text = new PgTextReader(cell.Raw);
        if (text.Take("infinity"u8) || text.Take("-infinity"u8)) throw cell.Refuse(RefusalReason.Infinity);
        long months = 0, days = 0;
        Int128 microseconds = 0;
        while (!text.AtEnd)
        {
            var negative = text.Take((byte)'-');
            if (!negative) text.Take((byte)'+');
            if (!text.TryTakeNumber(out var number) || number > MaxPart) throw PgDecoder.NotA(in cell, "an interval in IntervalStyle postgres");
            if (text.Take((byte)':'))
            {
                if (!text.TryTakeMinutes(out var minutes, out var micros)) throw PgDecoder.NotA(in cell, "an interval in IntervalStyle postgres");
                microseconds = ((((Int128)number * 3_600) + minutes) * 1_000_000) + micros;
                if (negative) microseconds = -microseconds;
            }
            else
            {
                if (negative) number = -number;
                text.Take((byte)' ');
                if (text.Take("years"u8) || text.Take("year"u8)) months += number * 12;
                else if (text.Take("mons"u8) || text.Take("mon"u8)) months += number;
                else if (text.Take("days"u8) || text.Take("day"u8)) days += number;
                else throw PgDecoder.NotA(in cell, "an interval in IntervalStyle postgres");
            }

            if (!text.Take((byte)' ') && !text.AtEnd) throw PgDecoder.NotA(in cell, "an interval in IntervalStyle postgres");
        }

        return (months, days, microseconds);
    }
}
