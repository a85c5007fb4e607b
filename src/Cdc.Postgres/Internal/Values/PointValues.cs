using System.Buffers.Binary;
using System.Globalization;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Points: <c>(1.5,-2)</c>, or two numbers of 8 bytes.</summary>
internal static class PointValues
{
    /// <summary>At least what <see cref="Copy"/> writes.</summary>
    public const int MaxLength = 96;

    public static (double X, double Y) Get(in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Point) throw PgDecoder.Contradicts(in cell);
        var raw = cell.Raw;
        if (PgDecoder.IsBinary(in cell))
        {
            if (raw.Length != 16) throw PgDecoder.NotA(in cell, "a point");
            return (BinaryPrimitives.ReadDoubleBigEndian(raw), BinaryPrimitives.ReadDoubleBigEndian(raw[8..]));
        }

        var comma = raw.IndexOf((byte)',');
        if (comma < 2 || raw[0] != '(' || raw[^1] != ')'
            || !FloatValues.TryParse(raw[1..comma], out var x) || !FloatValues.TryParse(raw[(comma + 1)..^1], out var y)) throw PgDecoder.NotA(in cell, "a point");
        return (x, y);
    }

    /// <summary>Writes <c>{"x":1.5,"y":-2}</c>.</summary>
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        var (x, y) = Get(in cell);
        var length = Append(destination, 0, "{\"x\":"u8);
        length = Append(destination, length, x);
        length = Append(destination, length, ",\"y\":"u8);
        length = Append(destination, length, y);
        return Append(destination, length, "}"u8);
    }

    private static int Append(Span<byte> destination, int length, double value)
    {
        if (!double.IsFinite(value)) return Append(destination, length, double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
        value.TryFormat(destination[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int Append(Span<byte> destination, int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[length..]);
        return length + text.Length;
    }
}
