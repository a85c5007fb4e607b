namespace Cdc.Debezium.Internal.Values;

/// <summary>Times of day and durations: numbers by unit, or ISO 8601 text.</summary>
internal static class TimeValues
{
    public static long GetTime(in Cell cell, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 9);
        var value = Read(in cell, out var unit);
        if (Civil.TryRescale(value, unit, digits, out var result) is not { } reason) return result;
        throw cell.Refuse(reason, reason == RefusalReason.Precision ? $"the value has more than {digits} digits of a second: give the column more, or store it as text" : null);
    }

    /// <summary>Writes <c>13:45:30.123</c>, with a sign and more hours where it is a duration, and <c>Z</c> where it has a zone.</summary>
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var value = Read(in cell, out var unit);
        var writer = new IsoWriter(destination);
        if (value < 0) writer.Write((byte)'-');
        var size = value < 0 ? 0UL - (ulong)value : (ulong)value;
        var (seconds, fraction) = Math.DivRem(size, (ulong)Civil.Power(unit));
        writer.WriteTime((long)seconds, (int)((long)fraction * Civil.Power(9 - unit)), 0);
        if (cell.Type.Kind == ValueKind.ZonedTime) writer.Write((byte)'Z');
        return writer.Length;
    }

    private static long Read(in Cell cell, out int unit)
    {
        unit = 9;
        if (cell.Token == WireToken.PlainString) return ReadText(in cell);
        if (cell.Token != WireToken.Number) throw WireErrors.Contradicts(in cell);
        unit = (WireForm)cell.Type.Encoding switch
        {
            WireForm.Milliseconds => 3,
            WireForm.Microseconds => 6,
            WireForm.Nanoseconds => 9,
            _ => throw WireErrors.Contradicts(in cell),
        };
        return IntegerValues.TryRead(cell.Raw, out var value) ? value : throw WireErrors.NotA(in cell, "a whole number of its unit");
    }

    private static long ReadText(in Cell cell)
    {
        var reader = new IsoReader(cell.Raw);
        var negative = reader.Take((byte)'-');
        if (!reader.TryTakeTime(out var seconds, out var nanoseconds)) throw WireErrors.NotA(in cell, "a time in ISO 8601");
        var zoned = cell.Type.Kind == ValueKind.ZonedTime;
        if (!reader.TryTakeOffset(out var offset) && zoned) throw WireErrors.NotA(in cell, "a time in ISO 8601 with an offset");
        if (!reader.AtEnd || (offset != 0 && !zoned)) throw WireErrors.NotA(in cell, "a time in ISO 8601, without an offset unless it has a zone");

        // A time with a zone is told in UTC; 24:00:00Z stays what it is.
        if (zoned)
        {
            if (negative || seconds > Civil.SecondsPerDay || (seconds == Civil.SecondsPerDay && nanoseconds > 0)) throw WireErrors.NotA(in cell, "a time of day");
            if (offset != 0) seconds = (seconds - offset + (2 * Civil.SecondsPerDay)) % Civil.SecondsPerDay;
        }

        if (seconds > long.MaxValue / 1_000_000_000 - 1) throw cell.Refuse(RefusalReason.OutOfRange);
        var value = (seconds * 1_000_000_000) + nanoseconds;
        return negative ? -value : value;
    }
}
