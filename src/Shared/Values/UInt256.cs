using System.Buffers.Binary;

namespace Cdc.Internal.Values;

/// <summary>The magnitude of a decimal of up to 77 digits: as much arithmetic as decimals need, without allocation.</summary>
internal struct UInt256
{
    /// <summary>The largest power of ten that a 64-bit factor holds is 10¹⁹.</summary>
    public const int DigitsPerStep = 19;

    private static readonly UInt256[] Powers = MakePowers();

    // Least significant first.
    private ulong w0, w1, w2, w3;

    public UInt256(UInt128 value)
    {
        w0 = (ulong)value;
        w1 = (ulong)(value >> 64);
    }

    public readonly bool IsZero => (w0 | w1 | w2 | w3) == 0;

    public readonly bool FitsUInt64 => (w1 | w2 | w3) == 0;

    public readonly UInt128 Lower => new(w1, w0);

    /// <summary>10 to a power from 0 to 19.</summary>
    public static ulong SmallPower(int exponent) => Powers[exponent].w0;

    /// <summary>The magnitude of a big-endian two's complement number.</summary>
    /// <param name="bytes">The number, at least one byte.</param>
    /// <param name="magnitude">Its magnitude.</param>
    /// <param name="negative">Its sign.</param>
    /// <returns>False when it needs more than 32 bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out UInt256 magnitude, out bool negative)
    {
        negative = (sbyte)bytes[0] < 0;
        var sign = negative ? (byte)0xFF : (byte)0;
        while (bytes.Length > 1 && bytes[0] == sign && ((sbyte)bytes[1] < 0) == negative) bytes = bytes[1..];
        magnitude = default;
        if (bytes.Length > 32) return false;
        if (bytes.Length <= 8)
        {
            long small = negative ? -1 : 0;
            foreach (var b in bytes) small = (small << 8) | b;
            magnitude.w0 = negative ? (ulong)-small : (ulong)small;
            return true;
        }

        Span<byte> all = stackalloc byte[32];
        all.Fill(sign);
        bytes.CopyTo(all[(32 - bytes.Length)..]);
        magnitude.w3 = BinaryPrimitives.ReadUInt64BigEndian(all);
        magnitude.w2 = BinaryPrimitives.ReadUInt64BigEndian(all[8..]);
        magnitude.w1 = BinaryPrimitives.ReadUInt64BigEndian(all[16..]);
        magnitude.w0 = BinaryPrimitives.ReadUInt64BigEndian(all[24..]);
        if (negative) magnitude.Negate();
        return true;
    }

    /// <summary>Multiplies and adds; false when the result needs more than 256 bits.</summary>
    public bool TryMultiplyAdd(ulong factor, ulong addend)
    {
        if (FitsUInt64)
        {
            var product = ((UInt128)w0 * factor) + addend;
            w0 = (ulong)product;
            w1 = (ulong)(product >> 64);
            return true;
        }

        var carry = addend;
        Step(ref w0, factor, ref carry);
        Step(ref w1, factor, ref carry);
        Step(ref w2, factor, ref carry);
        Step(ref w3, factor, ref carry);
        return carry == 0;

        static void Step(ref ulong word, ulong factor, ref ulong carry)
        {
            var product = ((UInt128)word * factor) + carry;
            word = (ulong)product;
            carry = (ulong)(product >> 64);
        }
    }

    /// <summary>Multiplies by 10 to any power; false when the result needs more than 256 bits.</summary>
    public bool TryMultiplyByPower(long exponent)
    {
        if (IsZero) return true;
        for (; exponent > 0; exponent -= DigitsPerStep)
        {
            if (!TryMultiplyAdd(SmallPower((int)Math.Min(exponent, DigitsPerStep)), 0)) return false;
        }

        return true;
    }

    /// <summary>Divides by 10 to any power; false when digits would be lost.</summary>
    public bool TryDivideByPower(long exponent)
    {
        if (IsZero) return true;
        for (; exponent > 0; exponent -= DigitsPerStep)
        {
            if (DivideBy(SmallPower((int)Math.Min(exponent, DigitsPerStep))) != 0) return false;
        }

        return true;
    }

    /// <summary>Whether the number has at most so many decimal digits.</summary>
    /// <param name="digits">Up to 76.</param>
    public readonly bool HasAtMost(int digits)
    {
        ref readonly var limit = ref Powers[digits];
        if (w3 != limit.w3) return w3 < limit.w3;
        if (w2 != limit.w2) return w2 < limit.w2;
        return w1 != limit.w1 ? w1 < limit.w1 : w0 < limit.w0;
    }

    /// <summary>Writes the number with its sign as little-endian two's complement. It must fit.</summary>
    public readonly void Write(bool negative, Span<byte> destination)
    {
        var value = this;
        if (negative) value.Negate();
        switch (destination.Length)
        {
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)value.w0);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, value.w0);
                break;
            case 16:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, value.w0);
                BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], value.w1);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], value.w3);
                BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], value.w2);
                goto case 16;
        }
    }

    /// <summary>Writes the decimal digits without leading zeros; nothing for zero.</summary>
    /// <param name="destination">At least 78 bytes.</param>
    /// <returns>The number of digits.</returns>
    public readonly int WriteDigits(Span<byte> destination)
    {
        var value = this;
        var start = 78;
        while (!value.IsZero)
        {
            var step = value.DivideBy(SmallPower(DigitsPerStep));
            var last = value.IsZero;
            for (var i = 0; last ? step != 0 : i < DigitsPerStep; i++)
            {
                (step, var digit) = Math.DivRem(step, 10);
                destination[--start] = (byte)('0' + digit);
            }
        }

        destination[start..78].CopyTo(destination);
        return 78 - start;
    }

    private ulong DivideBy(ulong divisor)
    {
        if (FitsUInt64)
        {
            (w0, var small) = Math.DivRem(w0, divisor);
            return small;
        }

        UInt128 remainder = 0;
        Step(ref w3, divisor, ref remainder);
        Step(ref w2, divisor, ref remainder);
        Step(ref w1, divisor, ref remainder);
        Step(ref w0, divisor, ref remainder);
        return (ulong)remainder;

        static void Step(ref ulong word, ulong divisor, ref UInt128 remainder)
        {
            var part = (remainder << 64) | word;
            if (part < divisor)
            {
                word = 0;
                remainder = part;
                return;
            }

            var quotient = part / divisor;
            word = (ulong)quotient;
            remainder = part - (quotient * divisor);
        }
    }

    private void Negate()
    {
        var lower = -new UInt128(w1, w0);
        var upper = ~new UInt128(w3, w2) + (lower == 0 ? UInt128.One : UInt128.Zero);
        w0 = (ulong)lower;
        w1 = (ulong)(lower >> 64);
        w2 = (ulong)upper;
        w3 = (ulong)(upper >> 64);
    }

    private static UInt256[] MakePowers()
    {
        var powers = new UInt256[78];
        powers[0].w0 = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1];
            powers[i].TryMultiplyAdd(10, 0);
        }

        return powers;
    }
}
