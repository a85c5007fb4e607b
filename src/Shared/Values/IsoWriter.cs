using System.Buffers.Text;

namespace Cdc.Internal.Values;

/// <summary>Writes dates and times in ISO 8601.</summary>
internal ref struct IsoWriter(Span<byte> destination)
{
    private readonly Span<byte> destination = destination;

    /// <summary>The bytes written.</summary>
    public int Length { get; private set; }

    public void Write(byte value) => destination[Length++] = value;

    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[Length..]);
        Length += text.Length;
    }

    /// <summary>Writes a date; years outside 0 to 9999 have a sign.</summary>
    public void WriteDate(long days)
    {
        var (year, month, day) = Civil.GetDate(days);
        if (year < 0) Write((byte)'-');
        else if (year > 9_999) Write((byte)'+');
        WriteNumber(Math.Abs(year), 4);
        Write((byte)'-');
        WriteNumber(month, 2);
        Write((byte)'-');
        WriteNumber(day, 2);
    }

    /// <summary>Writes hours, minutes and seconds.</summary>
    /// <param name="seconds">Not negative; a day and more make more hours.</param>
    /// <param name="nanoseconds">Less than a second.</param>
    /// <param name="digits">The least digits of the fraction; as many as needed are written.</param>
    public void WriteTime(long seconds, int nanoseconds, int digits)
    {
        WriteNumber(seconds / 3_600, 2);
        Write((byte)':');
        WriteNumber(seconds / 60 % 60, 2);
        Write((byte)':');
        WriteNumber(seconds % 60, 2);
        var needed = 9;
        while (needed > 0 && nanoseconds % Civil.Power(10 - needed) == 0) needed--;
        var shown = Math.Clamp(digits, needed, 9);
        if (shown == 0) return;
        Write((byte)'.');
        WriteNumber(nanoseconds / Civil.Power(9 - shown), shown);
    }

    private void WriteNumber(long value, int digits)
    {
        Utf8Formatter.TryFormat(value, destination[Length..], out var written, new('D', (byte)digits));
        Length += written;
    }
}
