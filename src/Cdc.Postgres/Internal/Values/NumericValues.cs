using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Cdc.Postgres.Internal.Values;

/// <summary>Decimals: numeric in text and in digits of base 10,000, money, and whatever number is asked for as a decimal.</summary>
internal static class NumericValues
{
    private const int SmallLength = 128;
    private const int Negative = 0x4000, NotANumber = 0xC000, PositiveInfinity = 0xD000, NegativeInfinity = 0xF000;

    public static void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination)
    {
        var most = destination.Length switch { 4 => 9, 8 => 18, 16 => 38, 32 => 76, _ => 0 };
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, most);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        if (PgDecoder.Form(in cell) == PgForm.Numeric && !PgDecoder.IsBinary(in cell))
        {
            Store(in cell, cell.Raw, precision, scale, destination);
            return;
        }

        var length = GetMaxLength(in cell);
        byte[]? rented = null;
        var text = length <= SmallLength ? stackalloc byte[SmallLength] : rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Store(in cell, text[..Copy(in cell, text)], precision, scale, destination);
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>At least what <see cref="Copy"/> writes.</summary>
    public static int GetMaxLength(in Cell cell)
    {
        if (PgDecoder.Form(in cell) != PgForm.Numeric || !PgDecoder.IsBinary(in cell)) return cell.Raw.Length + 40;
        if (cell.Raw.Length < 8) throw PgDecoder.NotA(in cell, "a numeric");
        int weight = BinaryPrimitives.ReadInt16BigEndian(cell.Raw[2..]);
        return (4 * Math.Max(0, weight + 1)) + BinaryPrimitives.ReadUInt16BigEndian(cell.Raw[6..]) + 16;
    }

    /// <summary>Writes plain notation with all digits, or <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>.</summary>
    public static int Copy(in Cell cell, Span<byte> destination)
    {
        switch (PgDecoder.Form(in cell))
        {
            case PgForm.Numeric when PgDecoder.IsBinary(in cell):
                return CopyBinary(in cell, destination);
            case PgForm.Numeric:
                cell.Raw.CopyTo(destination);
                return cell.Raw.Length;
            case PgForm.Money:
                return CopyMoney(in cell, destination);
            case PgForm.Float4:
                FloatValues.GetSingle(in cell).TryFormat(destination, out var single, default, CultureInfo.InvariantCulture);
                return single;
            case PgForm.Float8:
                FloatValues.GetDouble(in cell).TryFormat(destination, out var twice, default, CultureInfo.InvariantCulture);
                return twice;
            default:
                IntegerValues.GetInt64(in cell).TryFormat(destination, out var digits, default, CultureInfo.InvariantCulture);
                return digits;
        }
    }

    private static void Store(in Cell cell, ReadOnlySpan<byte> text, int precision, int scale, Span<byte> destination)
    {
        if (!DecimalNotation.TryParse(text, out var number))
        {
            throw text.SequenceEqual("NaN"u8) ? cell.Refuse(RefusalReason.NotANumber)
                : text.EndsWith("Infinity"u8) || text.EndsWith("∞"u8) ? cell.Refuse(RefusalReason.Infinity) : PgDecoder.NotA(in cell, "a decimal");
        }

        if (number.GetUnscaled(precision, scale, out var unscaled) is { } reason)
        {
            throw cell.Refuse(reason, reason == RefusalReason.Precision
                ? $"the value has more than {scale} digits after the point: widen the column's Decimal({precision}, {scale}) or store it as text"
                : $"the value has more than {precision - scale} digits before the point: widen the column's Decimal({precision}, {scale}) or store it as text");
        }

        unscaled.Write(number.IsNegative, destination);
    }

    private static int CopyBinary(in Cell cell, Span<byte> destination)
    {
        var raw = cell.Raw;
        if (raw.Length < 8) throw PgDecoder.NotA(in cell, "a numeric");
        int count = BinaryPrimitives.ReadUInt16BigEndian(raw);
        int weight = BinaryPrimitives.ReadInt16BigEndian(raw[2..]);
        int sign = BinaryPrimitives.ReadUInt16BigEndian(raw[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(raw[6..]);
        var digits = raw[8..];
        if (sign >= NotANumber)
        {
            var word = sign switch { NotANumber => "NaN"u8, PositiveInfinity => "Infinity"u8, NegativeInfinity => "-Infinity"u8, _ => throw PgDecoder.NotA(in cell, "a numeric") };
            word.CopyTo(destination);
            return word.Length;
        }

        if (digits.Length != 2 * count || sign is not (0 or Negative)) throw PgDecoder.NotA(in cell, "a numeric");
        var length = 0;
        if (sign == Negative) destination[length++] = (byte)'-';
        if (weight < 0)
        {
            destination[length++] = (byte)'0';
        }
        else
        {
            var first = length;
            for (var i = 0; i <= weight; i++) length = AppendGroup(in cell, destination, length, Group(digits, i), 4);
            var zeros = 0;
            while (first + zeros < length - 1 && destination[first + zeros] == '0') zeros++;
            destination[(first + zeros)..length].CopyTo(destination[first..]);
            length -= zeros;
        }

        if (scale == 0) return length;
        destination[length++] = (byte)'.';
        for (var i = weight + 1; scale > 0; i++, scale -= 4) length = AppendGroup(in cell, destination, length, i < 0 ? 0 : Group(digits, i), Math.Min(scale, 4));
        return length;

        static int Group(ReadOnlySpan<byte> digits, int index) => index * 2 < digits.Length ? BinaryPrimitives.ReadUInt16BigEndian(digits[(index * 2)..]) : 0;
    }

    private static int AppendGroup(in Cell cell, Span<byte> destination, int length, int group, int digits)
    {
        if (group > 9_999) throw PgDecoder.NotA(in cell, "a numeric");
        for (int i = 0, unit = 1_000; i < digits; i++, unit /= 10) destination[length++] = (byte)('0' + (group / unit % 10));
        return length;
    }

    // Every connection of the source asks for lc_monetary=C: $, commas between thousands, a point and two digits.
    private static int CopyMoney(in Cell cell, Span<byte> destination)
    {
        if (PgDecoder.IsBinary(in cell) && cell.Raw.Length == 8) throw PgDecoder.Contradicts(in cell);
        var length = 0;
        foreach (var b in cell.Raw)
        {
            if (b is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-') destination[length++] = b;
            else if (b is not ((byte)'$' or (byte)',')) throw PgDecoder.NotA(in cell, "money in the notation of lc_monetary=C");
        }

        return length;
    }
}
