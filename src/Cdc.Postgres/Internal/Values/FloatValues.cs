using System.Buffers.Binary;
using System.Globalization;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Floating-point numbers, NaN and the infinities among them.</summary>
internal static class FloatValues
{
    public static float GetSingle(in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Float4) throw PgDecoder.Contradicts(in cell);
        if (PgDecoder.IsBinary(in cell)) return cell.Raw.Length == 4 ? BinaryPrimitives.ReadSingleBigEndian(cell.Raw) : throw PgDecoder.NotA(in cell, "a number of 4 bytes");
        return float.TryParse(cell.Raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw PgDecoder.NotA(in cell, "a number");
    }

    public static double GetDouble(in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Float8) throw PgDecoder.Contradicts(in cell);
        if (PgDecoder.IsBinary(in cell)) return cell.Raw.Length == 8 ? BinaryPrimitives.ReadDoubleBigEndian(cell.Raw) : throw PgDecoder.NotA(in cell, "a number of 8 bytes");
        return TryParse(cell.Raw, out var value) ? value : throw PgDecoder.NotA(in cell, "a number");
    }

    /// <summary>Reads what the server writes: <c>1e+20</c>, <c>NaN</c>, <c>-Infinity</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
