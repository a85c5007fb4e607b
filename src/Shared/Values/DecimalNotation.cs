namespace Cdc.Internal.Values;

/// <summary>A decimal as text: <c>-12.50</c>, <c>1.25E+3</c>. A view over the text.</summary>
internal readonly ref struct DecimalNotation
{
    /// <summary>Beyond PostgreSQL's own limits (131,072 digits before the point, 16,383 after); more is no number that a source has.</summary>
    public const int MaxDigits = 200_000;

    private readonly ReadOnlySpan<byte> integer;
    private readonly ReadOnlySpan<byte> fraction;
    private readonly int exponent;

    private DecimalNotation(bool negative, ReadOnlySpan<byte> integer, ReadOnlySpan<byte> fraction, int exponent)
    {
        IsNegative = negative;
        this.integer = integer;
        this.fraction = fraction;
        this.exponent = exponent;
    }

    public bool IsNegative { get; }

    /// <summary>The digits, leading zeros included.</summary>
    public int Length => integer.Length + fraction.Length;

    /// <summary>The digits after the point: negative where zeros follow the digits.</summary>
    public int Scale => fraction.Length - exponent;

    /// <summary>Takes text apart that is a JSON number, leading zeros allowed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DecimalNotation number)
    {
        number = default;
        var negative = !text.IsEmpty && text[0] == '-';
        var rest = negative ? text[1..] : text;
        var integer = TakeDigits(ref rest);
        if (integer.IsEmpty) return false;
        var fraction = default(ReadOnlySpan<byte>);
        if (!rest.IsEmpty && rest[0] == '.')
        {
            rest = rest[1..];
            fraction = TakeDigits(ref rest);
            if (fraction.IsEmpty) return false;
        }

        var exponent = 0;
        if (!rest.IsEmpty)
        {
            if (rest[0] is not ((byte)'e' or (byte)'E')) return false;
            rest = rest[1..];
            var below = !rest.IsEmpty && rest[0] == '-';
            if (!rest.IsEmpty && rest[0] is (byte)'-' or (byte)'+') rest = rest[1..];
            var digits = TakeDigits(ref rest);
            if (digits.IsEmpty || !rest.IsEmpty) return false;

            // What lies beyond is refused by size whatever the exact exponent.
            foreach (var digit in digits) exponent = Math.Min((exponent * 10) + (digit - '0'), 100_000_000);
            if (below) exponent = -exponent;
        }

        number = new DecimalNotation(negative, integer, fraction, exponent);
        return true;
    }

    /// <summary>The number times 10 to the power of <paramref name="scale"/>.</summary>
    /// <param name="precision">The digits that it may have, up to 76.</param>
    /// <param name="scale">The digits after the point.</param>
    /// <param name="unscaled">The magnitude.</param>
    /// <returns>Null, or why there is none.</returns>
    public RefusalReason? GetUnscaled(int precision, int scale, out UInt256 unscaled)
    {
        unscaled = default;
        var first = 0;
        while (first < Length && this[first] == '0') first++;
        if (first == Length) return null;

        var shift = (long)scale - Scale;
        var end = Length;
        if (shift < 0)
        {
            if (-shift >= Length - first) return RefusalReason.Precision;
            end += (int)shift;
            for (var i = end; i < Length; i++)
            {
                if (this[i] != '0') return RefusalReason.Precision;
            }

            shift = 0;
        }

        if (end - first + shift > precision) return RefusalReason.OutOfRange;
        while (first < end)
        {
            var steps = Math.Min(end - first, UInt256.DigitsPerStep);
            var part = 0UL;
            for (var stop = first + steps; first < stop; first++) part = (part * 10) + (uint)(this[first] - '0');
            unscaled.TryMultiplyAdd(UInt256.SmallPower(steps), part);
        }

        unscaled.TryMultiplyByPower(shift);
        return null;
    }

    /// <summary>Writes the digits, leading zeros included.</summary>
    public void CopyDigits(Span<byte> destination)
    {
        integer.CopyTo(destination);
        fraction.CopyTo(destination[integer.Length..]);
    }

    private byte this[int index] => index < integer.Length ? integer[index] : fraction[index - integer.Length];

    private static ReadOnlySpan<byte> TakeDigits(scoped ref ReadOnlySpan<byte> text)
    {
        var count = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count < 0) count = text.Length;
        var digits = text[..count];
        text = text[count..];
        return digits;
    }
}
