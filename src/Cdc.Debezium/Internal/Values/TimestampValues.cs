namespace Cdc.Debezium.Internal.Values;

/// <summary>Points in time: numbers since 1970-01-01 by unit, or ISO 8601 text with its offset.</summary>
internal static class TimestampValues
{
    // What PostgreSQL's infinite timestamps become in each unit (debezium.md §3.1).
    private const long PositiveMilliseconds = 9_223_372_036_825_200;
    private const long NegativeMilliseconds = -9_223_372_036_832_400;

    public static long GetTimestamp(in Cell cell, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 9);
        long result;
        RefusalReason? reason;
        if (cell.Token == WireToken.Number)
        {
            var value = ReadNumber(in cell, out var unit);
            if (IsInfinity(value, unit, out var infinity)) return infinity;
            reason = Civil.TryRescale(value, unit, digits, out result);
        }
        else
        {
            if (TryReadText(in cell, out var seconds, out var nanoseconds, out var infinity)) return infinity;
            reason = Civil.TryRescale(nanoseconds, 9, digits, out var fraction);
            reason ??= Combine(seconds, fraction, digits, out fraction);
            result = fraction;
        }

        if (reason is { } refused) throw Refuse(in cell, refused, digits);
        return result;
    }

    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var writer = new IsoWriter(destination);
        long seconds;
        int nanoseconds;
        bool infinite;
        long infinity;
        if (cell.Token == WireToken.Number)
        {
            var value = ReadNumber(in cell, out var unit);
            infinite = IsInfinity(value, unit, out infinity);
            seconds = Civil.FloorDivide(value, Civil.Power(unit));
            nanoseconds = (int)((value - (seconds * Civil.Power(unit))) * Civil.Power(9 - unit));
        }
        else
        {
            infinite = TryReadText(in cell, out seconds, out nanoseconds, out infinity);
        }

        if (infinite)
        {
            writer.Write(infinity > 0 ? "infinity"u8 : "-infinity"u8);
            return writer.Length;
        }

        var days = Civil.FloorDivide(seconds, Civil.SecondsPerDay);
        writer.WriteDate(days);
        writer.Write((byte)'T');
        writer.WriteTime(seconds - (days * Civil.SecondsPerDay), nanoseconds, Math.Clamp(cell.Type.Precision, 0, 9));
        if (cell.Type.Kind == ValueKind.ZonedTimestamp) writer.Write((byte)'Z');
        return writer.Length;
    }

    /// <summary>Reads <c>infinity</c> and <c>-infinity</c>.</summary>
    public static bool TryReadInfinity(ReadOnlySpan<byte> raw, out long infinity)
    {
        infinity = raw.SequenceEqual("infinity"u8) ? Cell.PositiveInfinity : Cell.NegativeInfinity;
        return infinity == Cell.PositiveInfinity || raw.SequenceEqual("-infinity"u8);
    }

    private static long ReadNumber(in Cell cell, out int unit)
    {
        unit = (WireForm)cell.Type.Encoding switch
        {
            WireForm.Milliseconds => 3,
            WireForm.Microseconds => 6,
            WireForm.Nanoseconds => 9,
            _ => throw WireErrors.Contradicts(in cell),
        };
        return IntegerValues.TryRead(cell.Raw, out var value) ? value : throw WireErrors.NotA(in cell, "a whole number of its unit");
    }

    private static bool IsInfinity(long value, int unit, out long infinity)
    {
        infinity = value > 0 ? Cell.PositiveInfinity : Cell.NegativeInfinity;
        return unit switch
        {
            3 => value is PositiveMilliseconds or NegativeMilliseconds,
            6 => value is PositiveMilliseconds * 1_000 or NegativeMilliseconds * 1_000,
            _ => value is long.MaxValue or long.MinValue,
        };
    }

    // A feed without schema sends text beside numbers (TIMESTAMP WITH TIME ZONE always is): both are read wherever a time is declared.
    private static bool TryReadText(in Cell cell, out long seconds, out int nanoseconds, out long infinity)
    {
        if (cell.Token != WireToken.PlainString) throw WireErrors.Contradicts(in cell);
        seconds = 0;
        nanoseconds = 0;
        if (TryReadInfinity(cell.Raw, out infinity)) return true;
        var reader = new IsoReader(cell.Raw);
        if (!reader.TryTakeDate(out var days)
            || !(reader.Take((byte)'T') || reader.Take((byte)' '))
            || !reader.TryTakeTime(out var time, out nanoseconds)
            || time > Civil.SecondsPerDay
            || (time == Civil.SecondsPerDay && nanoseconds > 0)) throw WireErrors.NotA(in cell, "a timestamp in ISO 8601");

        var zoned = cell.Type.Kind == ValueKind.ZonedTimestamp;
        if ((!reader.TryTakeOffset(out var offset) && zoned) || !reader.AtEnd) throw WireErrors.NotA(in cell, "a timestamp in ISO 8601 with an offset");
        if (offset != 0 && !zoned) throw WireErrors.NotA(in cell, "a timestamp without zone (Debezium marks one with Z)");
        seconds = (days * Civil.SecondsPerDay) + time - offset;

        // time.precision.mode=isostring prints the same infinities as dates.
        infinity = seconds > 0 ? Cell.PositiveInfinity : Cell.NegativeInfinity;
        return seconds is >= 9_223_372_036_825 or < -9_223_372_036_832
            && Combine(seconds, nanoseconds / 1_000_000, 3, out var milliseconds) is null
            && IsInfinity(milliseconds, 3, out _);
    }

    // The ends of the range mean infinity.
    private static RefusalReason? Combine(long seconds, long fraction, int digits, out long result)
    {
        var total = ((Int128)seconds * Civil.Power(digits)) + fraction;
        result = (long)total;
        return total > long.MinValue && total < long.MaxValue ? null : RefusalReason.OutOfRange;
    }

    private static ValueRefusedException Refuse(in Cell cell, RefusalReason reason, int digits) => cell.Refuse(reason, reason == RefusalReason.Precision
        ? $"the value has more than {digits} digits of a second: give the column more, or store it as text"
        : null);
}
