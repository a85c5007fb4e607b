using System.Buffers.Binary;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Dates, times and timestamps.</summary>
internal static class TimeValues
{
    // 2000-01-01, from which the binary forms count, since 1970-01-01.
    private const long EpochDays = 10_957;

    // The last year of a date; timestamps end before.
    private const long LastYear = 5_874_897;

    public static long GetDate(in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Date) throw PgDecoder.Contradicts(in cell);
        if (PgDecoder.IsBinary(in cell))
        {
            if (cell.Raw.Length != 4) throw PgDecoder.NotA(in cell, "a date");
            return BinaryPrimitives.ReadInt32BigEndian(cell.Raw) switch { int.MaxValue => Cell.PositiveInfinity, int.MinValue => Cell.NegativeInfinity, var days => days + EpochDays };
        }

        if (TryReadInfinity(cell.Raw, out var infinity)) return infinity;
        var text = new PgTextReader(cell.Raw);
        return TryReadDay(ref text, out var year, out var month, out var day) && TryEnd(ref text, ref year) && Civil.TryGetDay(year, month, day, out var result) ? result : throw PgDecoder.NotA(in cell, "a date");
    }

    public static long GetTime(in Cell cell, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 9);
        return Civil.TryRescale(ReadTime(in cell), 6, digits, out var result) is { } reason ? throw Refuse(in cell, reason, digits) : result;
    }

    public static long GetTimestamp(in Cell cell, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 9);
        if (!TryReadTimestamp(in cell, out var seconds, out var microseconds, out var infinity)) return infinity;
        if (Civil.TryRescale(microseconds, 6, digits, out var fraction) is { } reason) throw Refuse(in cell, reason, digits);
        var total = ((Int128)seconds * Civil.Power(digits)) + fraction;

        // The ends of the range mean infinity.
        return total > long.MinValue && total < long.MaxValue ? (long)total : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    /// <summary>Writes ISO 8601: <c>2024-02-29</c>, <c>13:45:30.5</c>, <c>11:45:30Z</c>, <c>2024-02-29T13:45:30Z</c>, <c>infinity</c>.</summary>
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var writer = new IsoWriter(destination);
        switch (PgDecoder.Form(in cell))
        {
            case PgForm.Date:
                var date = GetDate(in cell);
                if (date is Cell.PositiveInfinity or Cell.NegativeInfinity) writer.Write(date > 0 ? "infinity"u8 : "-infinity"u8);
                else writer.WriteDate(date);
                break;
            case PgForm.Time or PgForm.TimeTz:
                var (second, micros) = Math.DivRem(ReadTime(in cell), 1_000_000);
                writer.WriteTime(second, (int)micros * 1_000, 0);
                if (PgDecoder.Form(in cell) == PgForm.TimeTz) writer.Write((byte)'Z');
                break;
            default:
                if (!TryReadTimestamp(in cell, out var seconds, out var microseconds, out var infinity))
                {
                    writer.Write(infinity > 0 ? "infinity"u8 : "-infinity"u8);
                    break;
                }

                var days = Civil.FloorDivide(seconds, Civil.SecondsPerDay);
                writer.WriteDate(days);
                writer.Write((byte)'T');
                writer.WriteTime(seconds - (days * Civil.SecondsPerDay), microseconds * 1_000, Math.Clamp(cell.Type.Precision, 0, 9));
                if (cell.Type.Kind == ValueKind.ZonedTimestamp) writer.Write((byte)'Z');
                break;
        }

        return writer.Length;
    }

    // Microseconds of the day; with a zone, of the day in UTC.
    private static long ReadTime(in Cell cell)
    {
        long seconds;
        int microseconds;
        var offset = 0;
        var form = PgDecoder.Form(in cell);
        if (form is not (PgForm.Time or PgForm.TimeTz)) throw PgDecoder.Contradicts(in cell);
        if (PgDecoder.IsBinary(in cell))
        {
            if (cell.Raw.Length != (form == PgForm.Time ? 8 : 12)) throw PgDecoder.NotA(in cell, "a time");
            var value = BinaryPrimitives.ReadInt64BigEndian(cell.Raw);
            if (value is < 0 or > 86_400_000_000) throw PgDecoder.NotA(in cell, "a time");
            (seconds, microseconds) = ((value / 1_000_000), (int)(value % 1_000_000));
            if (form == PgForm.TimeTz) offset = -BinaryPrimitives.ReadInt32BigEndian(cell.Raw[8..]);
            if (offset is < -PgTextReader.MaxOffset or > PgTextReader.MaxOffset) throw PgDecoder.NotA(in cell, "a time");
        }
        else
        {
            var text = new PgTextReader(cell.Raw);
            if (!text.TryTakeTime(out seconds, out microseconds) || (form == PgForm.TimeTz && !text.TryTakeOffset(out offset)) || !text.AtEnd) throw PgDecoder.NotA(in cell, "a time");
        }

        // 24:00:00Z stays what it is.
        if (offset != 0) seconds = (seconds - offset + (2 * Civil.SecondsPerDay)) % Civil.SecondsPerDay;
        return (seconds * 1_000_000) + microseconds;
    }

    private static bool TryReadTimestamp(in Cell cell, out long seconds, out int microseconds, out long infinity)
    {
        var form = PgDecoder.Form(in cell);
        if (form is not (PgForm.Timestamp or PgForm.TimestampTz)) throw PgDecoder.Contradicts(in cell);
        seconds = microseconds = 0;
        infinity = 0;
        if (PgDecoder.IsBinary(in cell))
        {
            if (cell.Raw.Length != 8) throw PgDecoder.NotA(in cell, "a timestamp");
            infinity = BinaryPrimitives.ReadInt64BigEndian(cell.Raw);
            if (infinity is long.MaxValue or long.MinValue) return false;
            seconds = Civil.FloorDivide(infinity, 1_000_000);
            microseconds = (int)(infinity - (seconds * 1_000_000));
            seconds += EpochDays * Civil.SecondsPerDay;
            return true;
        }

        if (TryReadInfinity(cell.Raw, out infinity)) return false;
        var text = new PgTextReader(cell.Raw);
        var offset = 0;
        if (!TryReadDay(ref text, out var year, out var month, out var day)
            || !text.Take((byte)' ') || !text.TryTakeTime(out var time, out microseconds)
            || (form == PgForm.TimestampTz && !text.TryTakeOffset(out offset))
            || !TryEnd(ref text, ref year) || !Civil.TryGetDay(year, month, day, out var days)) throw PgDecoder.NotA(in cell, "a timestamp");
        seconds = (days * Civil.SecondsPerDay) + time - offset;
        return true;
    }

    private static bool TryReadDay(ref PgTextReader text, out long year, out int month, out int day) => text.TryTakeDate(out year, out month, out day) && year is > 0 and <= LastYear;

    // The year 1 BC is the year 0.
    private static bool TryEnd(ref PgTextReader text, ref long year)
    {
        if (text.Take(" BC"u8)) year = 1 - year;
        return text.AtEnd;
    }

    private static bool TryReadInfinity(ReadOnlySpan<byte> raw, out long infinity)
    {
        infinity = raw.SequenceEqual("infinity"u8) ? Cell.PositiveInfinity : Cell.NegativeInfinity;
        return infinity == Cell.PositiveInfinity || raw.SequenceEqual("-infinity"u8);
    }

    private static ValueRefusedException Refuse(in Cell cell, RefusalReason reason, int digits) => cell.Refuse(reason, reason == RefusalReason.Precision
        ? $"the value has more than {digits} digits of a second: give the column more, or store it as text"
        : null);
}
