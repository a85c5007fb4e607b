namespace Cdc.Postgres.Internal.Values;

/// <summary>Reads dates and times as the server writes them with <c>DateStyle=ISO</c>.</summary>
internal ref struct PgTextReader(ReadOnlySpan<byte> text)
{
    /// <summary>The seconds that the server allows a zone to be away from UTC.</summary>
    public const int MaxOffset = (16 * 3_600) - 1;

    private ReadOnlySpan<byte> rest = text;

    public readonly bool AtEnd => rest.IsEmpty;

    public bool Take(byte expected)
    {
        if (rest.IsEmpty || rest[0] != expected) return false;
        rest = rest[1..];
        return true;
    }

    public bool Take(ReadOnlySpan<byte> expected)
    {
        if (!rest.StartsWith(expected)) return false;
        rest = rest[expected.Length..];
        return true;
    }

    /// <summary>Takes <c>2024-02-29</c>; the year as it stands there.</summary>
    public bool TryTakeDate(out long year, out int month, out int day)
    {
        month = day = 0;
        return TryTakeNumber(out year) && Take((byte)'-') && TryTakeTwo(out month) && Take((byte)'-') && TryTakeTwo(out day);
    }

    /// <summary>Takes <c>13:45:30.123456</c>, up to <c>24:00:00</c>.</summary>
    public bool TryTakeTime(out long seconds, out int microseconds)
    {
        seconds = microseconds = 0;
        if (!TryTakeTwo(out var hours) || !Take((byte)':') || !TryTakeMinutes(out var minutes, out microseconds)) return false;
        seconds = (hours * 3_600) + minutes;
        return seconds < Civil.SecondsPerDay || (seconds == Civil.SecondsPerDay && microseconds == 0);
    }

    /// <summary>Takes <c>45:30.123456</c>, as seconds.</summary>
    public bool TryTakeMinutes(out int seconds, out int microseconds)
    {
        seconds = microseconds = 0;
        if (!TryTakeTwo(out var minute) || minute > 59 || !Take((byte)':') || !TryTakeTwo(out var second) || second > 59) return false;
        seconds = (minute * 60) + second;
        if (!Take((byte)'.')) return true;
        var before = rest.Length;
        if (!TryTakeNumber(out var fraction) || before - rest.Length > 6) return false;
        microseconds = (int)(fraction * Civil.Power(6 - (before - rest.Length)));
        return true;
    }

    /// <summary>Takes <c>+02</c>, <c>-05:30</c> or <c>+00:19:32</c>, as seconds east.</summary>
    public bool TryTakeOffset(out int seconds)
    {
        seconds = 0;
        var negative = Take((byte)'-');
        if (!negative && !Take((byte)'+')) return false;
        if (!TryTakeTwo(out var hours)) return false;
        int minute = 0, second = 0;
        if (Take((byte)':') && !TryTakeTwo(out minute)) return false;
        if (Take((byte)':') && !TryTakeTwo(out second)) return false;
        seconds = (hours * 3_600) + (minute * 60) + second;
        if (negative) seconds = -seconds;
        return minute <= 59 && second <= 59 && seconds is >= -MaxOffset and <= MaxOffset;
    }

    public bool TryTakeNumber(out long value)
    {
        value = 0;
        var count = 0;
        while (count < rest.Length && count < 18 && (uint)(rest[count] - '0') <= 9) value = (value * 10) + (rest[count++] - '0');
        rest = rest[count..];
        return count > 0;
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
}
