namespace Cdc.Debezium.Internal.Values;

/// <summary>Reads ISO 8601 as Java prints it: signed years of four digits and more, up to nine digits of a second, offsets with seconds.</summary>
internal ref struct IsoReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> rest = text;

    public readonly bool AtEnd => rest.IsEmpty;

    /// <summary>Takes a byte if it comes next.</summary>
    public bool Take(byte expected)
    {
        if (rest.IsEmpty || rest[0] != expected) return false;
        rest = rest[1..];
        return true;
    }

    /// <summary>Takes <c>2024-02-29</c>, <c>+10000-01-01</c> or <c>-0043-03-15</c>.</summary>
    public bool TryTakeDate(out long days)
    {
        days = 0;
        var negative = Take((byte)'-');
        if (!negative) Take((byte)'+');
        if (!TryTakeDigits(4, 9, out var year) || !Take((byte)'-') || !TryTakeTwo(out var month) || !Take((byte)'-') || !TryTakeTwo(out var day)) return false;
        return Civil.TryGetDay(negative ? -year : year, month, day, out days);
    }

    /// <summary>Takes <c>13:45:30.123456</c> with any number of hours, and seconds that may be left out.</summary>
    public bool TryTakeTime(out long seconds, out int nanoseconds)
    {
        seconds = 0;
        nanoseconds = 0;
        if (!TryTakeDigits(2, 9, out var hours) || !Take((byte)':') || !TryTakeTwo(out var minutes) || minutes > 59) return false;
        var second = 0;
        if (Take((byte)':'))
        {
            if (!TryTakeTwo(out second) || second > 59) return false;
            if (Take((byte)'.') && !TryTakeFraction(out nanoseconds)) return false;
        }

        seconds = (hours * 3_600) + (minutes * 60) + second;
        return true;
    }

    /// <summary>Takes <c>Z</c>, <c>+02</c>, <c>+02:00</c> or <c>-11:30:15</c>.</summary>
    public bool TryTakeOffset(out int seconds)
    {
        seconds = 0;
        if (Take((byte)'Z')) return true;
        var negative = Take((byte)'-');
        if (!negative && !Take((byte)'+')) return false;
        if (!TryTakeTwo(out var hours) || hours > 18) return false;
        var minute = 0;
        var second = 0;
        if (Take((byte)':') && !TryTakeTwo(out minute)) return false;
        if (Take((byte)':') && !TryTakeTwo(out second)) return false;
        if (minute > 59 || second > 59) return false;
        seconds = (hours * 3_600) + (minute * 60) + second;
        if (negative) seconds = -seconds;
        return true;
    }

    private bool TryTakeTwo(out int value)
    {
        value = 0;
        if (rest.Length < 2) return false;
        var tens = (uint)(rest[0] - '0');
        var ones = (uint)(rest[1] - '0');
        if (tens > 9 || ones > 9) return false;
        value = (int)((tens * 10) + ones);
        rest = rest[2..];
        return true;
    }

    private bool TryTakeDigits(int least, int most, out long value)
    {
        value = 0;
        var count = 0;
        while (count < rest.Length && count < most && (uint)(rest[count] - '0') <= 9) value = (value * 10) + (rest[count++] - '0');
        rest = rest[count..];
        return count >= least;
    }

    private bool TryTakeFraction(out int nanoseconds)
    {
        nanoseconds = 0;
        var before = rest.Length;
        if (!TryTakeDigits(1, 9, out var value)) return false;
        nanoseconds = (int)(value * Civil.Power(9 - (before - rest.Length)));

        // Zeros beyond the ninth digit say nothing; anything else there is no value of any source.
        while (Take((byte)'0'))
        {
        }

        return true;
    }
}
