namespace Cdc.Debezium.Internal.Values;

/// <summary>Dates: days since 1970-01-01, or ISO 8601 text.</summary>
internal static class DateValues
{
    // What PostgreSQL's infinite dates become on their way through Java (debezium.md §3.1), streamed and in snapshots;
    // the latter move a day with the connector's time zone. No source has a real date there, but for the last two as ISO text.
    private const long StreamedPositive = -2_147_472_692;
    private const long StreamedNegative = -2_147_472_691;
    private const long SnapshotPositive = -622_191_234;
    private const long SnapshotNegative = -625_821_272;

    // +292278994-08-16 and +292269055-12-02: the same two snapshot dates before an int32 cuts them.
    private const long IsoSnapshotPositive = 106_751_991_166;
    private const long IsoSnapshotNegative = 106_748_361_128;

    public static long GetDate(in Cell cell)
    {
        long days;
        switch (cell.Token)
        {
            case WireToken.Number:
                if ((WireForm)cell.Type.Encoding != WireForm.EpochDays) throw WireErrors.Contradicts(in cell);
                if (!IntegerValues.TryRead(cell.Raw, out days) || days != (int)days) throw WireErrors.NotA(in cell, "a number of days");
                break;
            case WireToken.PlainString:
                if (TimestampValues.TryReadInfinity(cell.Raw, out days)) return days;
                var reader = new IsoReader(cell.Raw);
                if (!reader.TryTakeDate(out days)) throw WireErrors.NotA(in cell, "a date in ISO 8601");
                reader.Take((byte)'Z');
                if (!reader.AtEnd) throw WireErrors.NotA(in cell, "a date in ISO 8601");
                break;
            default:
                throw WireErrors.Contradicts(in cell);
        }

        return days is > -600_000_000 and < 100_000_000_000 ? days : ReadInfinity(days);
    }

    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var writer = new IsoWriter(destination);
        var days = GetDate(in cell);
        if (days == Cell.PositiveInfinity) writer.Write("infinity"u8);
        else if (days == Cell.NegativeInfinity) writer.Write("-infinity"u8);
        else writer.WriteDate(days);
        return writer.Length;
    }

    private static long ReadInfinity(long days) => days switch
    {
        StreamedPositive or (>= SnapshotPositive - 1 and <= SnapshotPositive + 1) or (>= IsoSnapshotPositive - 1 and <= IsoSnapshotPositive + 1) => Cell.PositiveInfinity,
        StreamedNegative or (>= SnapshotNegative - 1 and <= SnapshotNegative + 1) or (>= IsoSnapshotNegative - 1 and <= IsoSnapshotNegative + 1) => Cell.NegativeInfinity,
        _ => days,
    };
}
