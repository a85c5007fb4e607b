using System.Globalization;
using System.Numerics;
using System.Text;

namespace Cdc.ClickHouse.Tests.Support;

/// <summary>Decodes values written as plain text; arrays as elements with commas between.</summary>
public sealed class TextDecoder : CellDecoder
{
    public static TextDecoder Instance { get; } = new();

    public override bool GetBoolean(in Cell cell) => Text(in cell) == "true";

    public override long GetInt64(in Cell cell) => Parse<long>(in cell);

    public override ulong GetUInt64(in Cell cell) => Parse<ulong>(in cell);

    public override float GetSingle(in Cell cell) => Parse<float>(in cell);

    public override double GetDouble(in Cell cell) => Parse<double>(in cell);

    public override void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination)
    {
        var text = Text(in cell);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? 0 : text.Length - point - 1;
        if (digits > scale) throw cell.Refuse(RefusalReason.Precision);
        var value = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * BigInteger.Pow(10, scale - digits);
        if (BigInteger.Abs(value) >= BigInteger.Pow(10, precision)) throw cell.Refuse(RefusalReason.OutOfRange);
        destination.Fill((byte)(value.Sign < 0 ? 255 : 0));
        value.TryWriteBytes(destination, out _);
    }

    public override UInt128 GetUuid(in Cell cell) => UInt128.Parse(Text(in cell).Replace("-", "", StringComparison.Ordinal), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public override long GetDate(in Cell cell) => DateOnly.Parse(Text(in cell), CultureInfo.InvariantCulture).DayNumber - new DateOnly(1970, 1, 1).DayNumber;

    public override long GetTime(in Cell cell, int digits) => TimeSpan.Parse(Text(in cell), CultureInfo.InvariantCulture).Ticks / (long)Math.Pow(10, 7 - digits);

    public override long GetTimestamp(in Cell cell, int digits)
    {
        var time = DateTime.Parse(Text(in cell), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
        return (time - DateTime.UnixEpoch).Ticks / (long)Math.Pow(10, 7 - digits);
    }

    public override (double X, double Y) GetPoint(in Cell cell) => throw new NotSupportedException();

    public override bool TryGetUtf8(scoped in Cell cell, out ReadOnlySpan<byte> utf8)
    {
        utf8 = cell.Raw;
        return true;
    }

    public override int GetMaxUtf8Length(in Cell cell) => cell.Raw.Length;

    public override int CopyUtf8(in Cell cell, Span<byte> destination)
    {
        cell.Raw.CopyTo(destination);
        return cell.Raw.Length;
    }

    public override int GetMaxByteLength(in Cell cell) => cell.Raw.Length;

    public override int CopyBytes(in Cell cell, Span<byte> destination) => CopyUtf8(in cell, destination);

    public override bool TryGetNextElement(scoped in Cell cell, ref int position, out Cell element)
    {
        element = default;
        if (position >= cell.Raw.Length) return false;
        var rest = cell.Raw[position..];
        var end = rest.IndexOf((byte)',');
        var raw = end < 0 ? rest : rest[..end];
        position += raw.Length + 1;
        element = cell.Part(cell.Type.Element!, raw.SequenceEqual("NULL"u8) ? CellState.Null : CellState.Value, 0, raw);
        return true;
    }

    private static string Text(in Cell cell) => Encoding.UTF8.GetString(cell.Raw);

    private static T Parse<T>(in Cell cell) where T : INumber<T> =>
        T.TryParse(cell.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw cell.Malformed("the text is no number");
}
