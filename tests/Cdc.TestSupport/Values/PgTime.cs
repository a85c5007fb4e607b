using System.Globalization;

namespace Cdc.TestSupport.Values;

/// <summary>PostgreSQL's dates, times and intervals.</summary>
public static class PgTime
{
    // ClickHouse's Date32 and DateTime64 hold 1900-01-01 to 2299-12-31.
    private const int FirstYear = 1900;
    private const int LastYear = 2299;

    // A month in microseconds as Debezium counts it: 365.25 / 12 days.
    private const long Month = 2_629_800_000_000;
    private const long Day = 86_400_000_000;

    /// <summary>Why a date or timestamp cannot be stored, or null.</summary>
    public static RefusalReason? Refusal(string text)
    {
        if (text is "infinity" or "-infinity") return RefusalReason.Infinity;
        if (text.EndsWith(" BC", StringComparison.Ordinal)) return RefusalReason.OutOfRange;
        var year = int.Parse(text.AsSpan(0, text.IndexOf('-')), CultureInfo.InvariantCulture);
        return year is < FirstYear or > LastYear ? RefusalReason.OutOfRange : null;
    }

    /// <summary>A timestamp with time zone of a session in UTC, without its <c>+00</c>.</summary>
    public static string WithoutUtcOffset(string text) => text.EndsWith("+00", StringComparison.Ordinal) ? text[..^3] : text;

    /// <summary>A time with time zone in UTC: <c>13:45:30.123-11:30</c> is <c>01:15:30.123Z</c>.</summary>
    public static string ZonedTimeInUtc(string text)
    {
        var at = text.AsSpan(1).IndexOfAny('+', '-') + 1;
        var offset = text[(at + 1)..].Split(':');
        var minutes = (int.Parse(offset[0], CultureInfo.InvariantCulture) * 60) + (offset.Length > 1 ? int.Parse(offset[1], CultureInfo.InvariantCulture) : 0);
        if (text[at] == '-') minutes = -minutes;
        var ticks = TimeOfDay(text[..at]) - (minutes * TimeSpan.TicksPerMinute);
        var utc = new TimeSpan(((ticks % TimeSpan.TicksPerDay) + TimeSpan.TicksPerDay) % TimeSpan.TicksPerDay);
        return NormalForm.ZonedTime(utc.ToString(@"hh\:mm\:ss\.ffffff", CultureInfo.InvariantCulture));
    }

    /// <summary>An interval in microseconds.</summary>
    public static long IntervalMicroseconds(string text)
    {
        var parts = Interval(text);
        return (((parts.Years * 12) + parts.Months) * Month) + (parts.Days * Day) + (parts.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>An interval as Debezium writes ISO 8601: every part, each with its own sign.</summary>
    public static string IntervalIso(string text)
    {
        var (years, months, days, ticks) = Interval(text);
        var time = new TimeSpan(Math.Abs(ticks));
        var sign = ticks < 0 ? "-" : "";
        string Part(long value) => value == 0 ? "0" : $"{sign}{value}";
        var seconds = NormalForm.Time(string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}.{time.Ticks % TimeSpan.TicksPerSecond:D7}"));
        return $"P{years}Y{months}M{days}DT{Part((long)time.TotalHours)}H{Part(time.Minutes)}M{(seconds == "0" ? "" : sign)}{seconds}S";
    }

    private static (long Years, long Months, long Days, long Ticks) Interval(string text)
    {
        var (years, months, days, ticks) = (0L, 0L, 0L, 0L);
        var words = text.Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Contains(':'))
            {
                ticks = words[i][0] == '-' ? -TimeOfDay(words[i][1..]) : TimeOfDay(words[i]);
                continue;
            }

            var number = long.Parse(words[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            switch (words[++i])
            {
                case "year" or "years": years = number; break;
                case "mon" or "mons": months = number; break;
                case "day" or "days": days = number; break;
                default: throw new FormatException("An interval has a part that is not known here.");
            }
        }

        return (years, months, days, ticks);
    }

    private static long TimeOfDay(string text)
    {
        var parts = text.Split(':');
        var seconds = decimal.Parse(parts[2], CultureInfo.InvariantCulture);
        return (long.Parse(parts[0], CultureInfo.InvariantCulture) * TimeSpan.TicksPerHour) + (long.Parse(parts[1], CultureInfo.InvariantCulture) * TimeSpan.TicksPerMinute) + (long)(seconds * TimeSpan.TicksPerSecond);
    }
}
