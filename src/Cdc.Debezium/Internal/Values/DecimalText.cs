using System.Buffers;
using System.Numerics;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Decimals in plain notation, with all their digits.</summary>
internal static class DecimalText
{
    /// <summary>At least what <see cref="Copy"/> writes.</summary>
    public static int GetMaxLength(in Cell cell)
    {
        if (cell.Token is not (WireToken.Number or WireToken.PlainString or WireToken.Object)) return Bound(cell.Raw.Length, DecimalNotation.MaxDigits, in cell);
        switch (DecimalValues.GetForm(in cell))
        {
            case WireForm.DecimalBase64 or WireForm.DecimalStruct:
                DecimalBytes.Read(in cell, out var base64, out var scale);
                return Bound(base64.Length, scale, in cell);
            default:
                return DecimalNotation.TryParse(cell.Raw, out var number) ? Bound(cell.Raw.Length, number.Scale, in cell) : cell.Raw.Length + 16;
        }

        // Two digits for every character of base64 and to spare; zeros on either side of the point.
        static int Bound(int length, int scale, in Cell cell) =>
            (2 * length) + Math.Min(Math.Abs(scale), DecimalNotation.MaxDigits) + Math.Min(Math.Abs(cell.Type.Scale), DecimalNotation.MaxDigits) + 16;
    }

    public static int Copy(in Cell cell, Span<byte> destination) => DecimalValues.GetForm(in cell) switch
    {
        WireForm.DecimalBase64 or WireForm.DecimalStruct => CopyBytes(in cell, destination),
        _ => CopyNotation(in cell, destination),
    };

    private static int CopyNotation(in Cell cell, Span<byte> destination)
    {
        if (cell.Token == WireToken.PlainString && DecimalValues.ReadSpecial(cell.Raw) is { IsEmpty: false } special)
        {
            special.CopyTo(destination);
            return special.Length;
        }

        var number = DecimalValues.ReadNotation(in cell);
        if (Math.Abs((long)number.Scale) > DecimalNotation.MaxDigits || number.Length > DecimalNotation.MaxDigits) throw cell.Refuse(RefusalReason.TooLarge);
        byte[]? rented = null;
        var digits = number.Length <= 256 ? stackalloc byte[256] : rented = ArrayPool<byte>.Shared.Rent(number.Length);
        number.CopyDigits(digits);
        var written = Write(destination, number.IsNegative, digits[..number.Length], number.Scale, GetDeclaredScale(cell.Type));
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return written;
    }

    private static int CopyBytes(in Cell cell, Span<byte> destination)
    {
        DecimalBytes.Read(in cell, out var base64, out var scale);
        if (base64.Length <= 64)
        {
            Span<byte> bytes = stackalloc byte[48];
            bytes = bytes[..DecimalBytes.Decode(in cell, base64, bytes)];
            if (UInt256.TryRead(bytes, out var magnitude, out var negative))
            {
                Span<byte> digits = stackalloc byte[78];
                return Write(destination, negative, digits[..magnitude.WriteDigits(digits)], scale, GetDeclaredScale(cell.Type));
            }
        }

        var rented = ArrayPool<byte>.Shared.Rent(base64.Length * 2);
        var characters = ArrayPool<char>.Shared.Rent(base64.Length * 2);
        try
        {
            var value = new BigInteger(rented.AsSpan(0, DecimalBytes.Decode(in cell, base64, rented)), isBigEndian: true);
            BigInteger.Abs(value).TryFormat(characters, out var count, default, System.Globalization.CultureInfo.InvariantCulture);
            System.Text.Encoding.ASCII.GetBytes(characters.AsSpan(0, count), rented);
            return Write(destination, value.Sign < 0, rented.AsSpan(0, count), scale, GetDeclaredScale(cell.Type));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    // A numeric(10,2) has two digits after the point however it was sent; where no scale is declared the digits are those sent.
    private static int GetDeclaredScale(SourceType type) =>
        type.Kind == ValueKind.Decimal && (type.Precision >= 0 || type.Scale != 0) ? Math.Clamp(type.Scale, 0, DecimalNotation.MaxDigits) : -1;

    private static int Write(Span<byte> destination, bool negative, ReadOnlySpan<byte> digits, int scale, int declared)
    {
        digits = digits.TrimStart((byte)'0');
        var fraction = Math.Max(scale, 0);
        if (declared >= 0)
        {
            // Zeros beyond the declared scale say nothing; other digits there are kept.
            var spare = Math.Min(fraction - declared, digits.IsEmpty ? fraction - declared : digits.Length - digits.TrimEnd((byte)'0').Length);
            if (spare > 0)
            {
                fraction -= spare;
                scale -= spare;
                digits = digits[..^Math.Min(spare, digits.Length)];
            }
        }

        var length = 0;
        if (negative && !digits.IsEmpty) destination[length++] = (byte)'-';
        if (digits.Length <= scale || digits.IsEmpty)
        {
            destination[length++] = (byte)'0';
        }
        else
        {
            var whole = digits[..(digits.Length - Math.Max(scale, 0))];
            whole.CopyTo(destination[length..]);
            length += whole.Length;
            length += Zeros(destination[length..], Math.Max(-scale, 0));
        }

        var padding = Math.Max(declared - fraction, 0);
        if (fraction + padding == 0) return length;
        destination[length++] = (byte)'.';
        var part = digits[^Math.Min(digits.Length, fraction)..];
        length += Zeros(destination[length..], fraction - part.Length);
        part.CopyTo(destination[length..]);
        length += part.Length;
        return length + Zeros(destination[length..], padding);
    }

    private static int Zeros(Span<byte> destination, int count)
    {
        destination[..count].Fill((byte)'0');
        return count;
    }
}
