using System.Buffers.Binary;

namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>A column of dates or times: what lies outside the type's range is refused or follows the column's rule.</summary>
internal abstract class RangedColumn(ClickHouseType type, int width, long min, long max, ColumnRules rules) : FixedColumn(type, width)
{
    /// <summary>The value as the column counts it, or one of the infinities of <see cref="Cell"/>.</summary>
    protected abstract long Get(scoped in Cell cell);

    public override void AppendValue(scoped in Cell cell)
    {
        var value = rules.OutOfRange == OutOfRangePolicy.Clamp ? GetNearest(in cell) : Get(in cell);
        if (value < min || value > max) throw cell.Refuse(value is Cell.PositiveInfinity or Cell.NegativeInfinity ? RefusalReason.Infinity : RefusalReason.OutOfRange);
        Add(value);
    }

    public override bool TryAppendValue(scoped in Cell cell)
    {
        var value = Get(in cell);
        if (value < min || value > max) return false;
        Add(value);
        return true;
    }

    private void Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Buffer.Room(8), value);
        Buffer.Advance(Width);
    }

    private long GetNearest(scoped in Cell cell)
    {
        try
        {
            return Math.Clamp(Get(in cell), min, max);
        }
        catch (ValueRefusedException refused) when (refused.Reason == RefusalReason.OutOfRange)
        {
            // So far out that not even the getter counts it: its text still tells which way.
            return cell.GetTextBytes()[0] == '-' ? min : max;
        }
    }
}

/// <summary>Date (16 bits, 1970 to 2149) and Date32 (32 bits, 1900 to 2299): days since 1970-01-01.</summary>
internal sealed class DateColumn(ClickHouseType type, bool wide, ColumnRules rules)
    : RangedColumn(type, wide ? 4 : 2, wide ? Days(1900, 1, 1) : 0, wide ? Days(2299, 12, 31) : ushort.MaxValue, rules)
{
    protected override long Get(scoped in Cell cell) => cell.GetDate();

    private static long Days(int year, int month, int day) => new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
}

/// <summary>DateTime: seconds, 1970 to 2106.</summary>
internal sealed class DateTimeColumn(ClickHouseType type, ColumnRules rules) : RangedColumn(type, 4, 0, uint.MaxValue, rules)
{
    protected override long Get(scoped in Cell cell) => cell.GetTimestamp(0);
}

/// <summary>DateTime64(P): ticks of 10⁻ᴾ seconds, 1900 to 2299, with 9 digits 1900 to 2262.</summary>
internal sealed class DateTime64Column(ClickHouseType type, int digits, ColumnRules rules)
    : RangedColumn(type, 8, Ticks(First, digits, 0), Ticks(Last, digits, 1) - 1, rules)
{
    private const long First = -2208988800; // 1900-01-01
    private const long Last = 10413791999; // 2299-12-31 23:59:59

    protected override long Get(scoped in Cell cell) => TimeDigits.Get(in cell, digits, static (scoped in Cell c, int d) => c.GetTimestamp(d));

    private static long Ticks(long seconds, int digits, long more)
    {
        var ticks = (Int128)(seconds + more) * (long)Math.Pow(10, digits);
        return ticks > long.MaxValue ? long.MaxValue : (long)ticks;
    }
}

/// <summary>Time (seconds, 32 bits) and Time64(P): less than 1000 hours either way. The engine takes more and shows it as 999:59:59.</summary>
internal sealed class TimeColumn(ClickHouseType type, int digits, int width, ColumnRules rules)
    : RangedColumn(type, width, 1 - Limit(digits), Limit(digits) - 1, rules)
{
    protected override long Get(scoped in Cell cell) => TimeDigits.Get(in cell, digits, static (scoped in Cell c, int d) => c.GetTime(d));

    private static long Limit(int digits) => 1000L * 3600 * (long)Math.Pow(10, digits);
}

/// <summary>Values with any number of digits, out of getters that know 0, 3, 6 and 9.</summary>
internal static class TimeDigits
{
    public delegate long Getter(scoped in Cell cell, int digits);

    public static long Get(scoped in Cell cell, int digits, Getter getter)
    {
        var known = (digits + 2) / 3 * 3;
        var value = getter(in cell, known);
        if (known == digits || value is Cell.PositiveInfinity or Cell.NegativeInfinity) return value;
        var (quotient, remainder) = Math.DivRem(value, known - digits == 1 ? 10 : 100);
        return remainder == 0 ? quotient : throw cell.Refuse(RefusalReason.Precision);
    }
}
