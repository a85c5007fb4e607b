namespace Cdc.Internal.Values;

/// <summary>The proleptic Gregorian calendar over any year that a source can send, as days and seconds since 1970-01-01.</summary>
internal static class Civil
{
    public const long SecondsPerDay = 86_400;

    private static readonly long[] Powers = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    /// <summary>10 to a power from 0 to 9.</summary>
    public static long Power(int digits) => Powers[digits];

    /// <summary>The day of a date, or false where there is no such date.</summary>
    public static bool TryGetDay(long year, int month, int day, out long days)
    {
        days = 0;
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month)) return false;

        // Years that begin in March put the leap day last.
        var shifted = month > 2 ? year : year - 1;
        var era = FloorDivide(shifted, 400);
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        days = (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
        return true;
    }

    /// <summary>The date of a day.</summary>
    public static (long Year, int Month, int Day) GetDate(long days)
    {
        days += 719_468;
        var era = FloorDivide(days, 146_097);
        var dayOfEra = days - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        var year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
        return (year, month, (int)(dayOfYear - (((153 * shifted) + 2) / 5)) + 1);
    }

    public static long FloorDivide(long value, long divisor)
    {
        var (quotient, remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    /// <summary>A whole number of one unit in another, or why there is none.</summary>
    /// <param name="value">The number, in units of 10^−<paramref name="from"/> seconds.</param>
    /// <param name="from">The digits of the unit that it is in.</param>
    /// <param name="to">The digits of the unit that it is wanted in.</param>
    /// <param name="result">The number.</param>
    public static RefusalReason? TryRescale(long value, int from, int to, out long result)
    {
        result = value;
        if (from == to) return null;
        if (from > to)
        {
            (result, var rest) = Math.DivRem(value, Power(from - to));
            return rest == 0 ? null : RefusalReason.Precision;
        }

        return Math.BigMul(value, Power(to - from), out result) == result >> 63 ? null : RefusalReason.OutOfRange;
    }

    private static int DaysInMonth(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}
