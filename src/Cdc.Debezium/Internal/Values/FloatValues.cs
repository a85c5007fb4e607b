using System.Globalization;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Floating-point numbers: JSON numbers, and the words that JSON has no numbers for.</summary>
internal static class FloatValues
{
    private const NumberStyles JsonNumber = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static float GetSingle(in Cell cell)
    {
        if (cell.Token != WireToken.Number) return (float)GetSpecial(in cell);
        if (!StartsAsNumber(cell.Raw) || !float.TryParse(cell.Raw, JsonNumber, CultureInfo.InvariantCulture, out var value)) throw WireErrors.NotA(in cell, "a number");
        return float.IsFinite(value) ? value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    public static double GetDouble(in Cell cell)
    {
        if (cell.Token != WireToken.Number) return GetSpecial(in cell);
        if (!StartsAsNumber(cell.Raw) || !double.TryParse(cell.Raw, JsonNumber, CultureInfo.InvariantCulture, out var value)) throw WireErrors.NotA(in cell, "a number");
        return double.IsFinite(value) ? value : throw cell.Refuse(RefusalReason.OutOfRange);
    }

    private static double GetSpecial(in Cell cell)
    {
        if (cell.Token != WireToken.PlainString) throw WireErrors.Contradicts(in cell);
        if (cell.Raw.SequenceEqual("NaN"u8)) return double.NaN;
        if (cell.Raw.SequenceEqual("Infinity"u8)) return double.PositiveInfinity;
        if (cell.Raw.SequenceEqual("-Infinity"u8)) return double.NegativeInfinity;
        throw WireErrors.Contradicts(in cell);
    }

    private static bool StartsAsNumber(ReadOnlySpan<byte> raw) =>
        !raw.IsEmpty && (char.IsAsciiDigit((char)raw[0]) || (raw[0] == '-' && raw.Length > 1 && char.IsAsciiDigit((char)raw[1])));
}
