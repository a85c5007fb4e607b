namespace Cdc.Debezium.Internal.Values;

/// <summary>Decimals in every form as the unscaled number that a column stores.</summary>
internal static class DecimalValues
{
    public static void GetDecimal(in Cell cell, int precision, int scale, Span<byte> destination)
    {
        CheckTarget(precision, scale, destination);
        bool negative;
        RefusalReason? reason;
        UInt256 unscaled;
        switch (GetForm(in cell))
        {
            case WireForm.DecimalBase64 or WireForm.DecimalStruct:
                reason = DecimalBytes.GetUnscaled(in cell, precision, scale, out unscaled, out negative);
                break;
            case WireForm.Plain:
                var integer = IntegerValues.GetInteger(in cell);
                negative = integer < 0;
                unscaled = new UInt256((UInt128)(negative ? -integer : integer));
                reason = unscaled.TryMultiplyByPower(scale) && unscaled.HasAtMost(precision) ? null : RefusalReason.OutOfRange;
                break;
            default:
                var number = ReadNotation(in cell);
                negative = number.IsNegative;
                reason = number.GetUnscaled(precision, scale, out unscaled);
                break;
        }

        if (reason is { } refused) throw Refuse(in cell, refused, precision, scale);
        unscaled.Write(negative, destination);
    }

    /// <summary>The text of a decimal that is sent as text or as a JSON number.</summary>
    /// <exception cref="ValueRefusedException">It is NaN or infinite.</exception>
    public static DecimalNotation ReadNotation(in Cell cell)
    {
        switch (cell.Token)
        {
            case WireToken.Number when GetForm(in cell) == WireForm.DecimalNumber:
            case WireToken.PlainString when GetForm(in cell) == WireForm.DecimalText:
                if (DecimalNotation.TryParse(cell.Raw, out var number)) return number;
                break;
            case WireToken.PlainString:
                break;
            default:
                throw WireErrors.Contradicts(in cell);
        }

        throw ReadSpecial(cell.Raw) switch
        {
            { IsEmpty: true } => WireErrors.NotA(in cell, "a decimal in plain notation"),
            [(byte)'N', ..] => cell.Refuse(RefusalReason.NotANumber),
            _ => cell.Refuse(RefusalReason.Infinity),
        };
    }

    /// <summary>The word for a value that is no number, in the one spelling of this library; empty for anything else.</summary>
    public static ReadOnlySpan<byte> ReadSpecial(ReadOnlySpan<byte> raw)
    {
        if (raw.SequenceEqual("NAN"u8) || raw.SequenceEqual("NaN"u8)) return "NaN"u8;
        if (raw.SequenceEqual("POSITIVE_INFINITY"u8) || raw.SequenceEqual("Infinity"u8)) return "Infinity"u8;
        if (raw.SequenceEqual("NEGATIVE_INFINITY"u8) || raw.SequenceEqual("-Infinity"u8)) return "-Infinity"u8;
        return default;
    }

    /// <summary>The form, where that of integers and floating-point numbers is what a decimal reads of them.</summary>
    public static WireForm GetForm(in Cell cell) => cell.Type.Kind switch
    {
        ValueKind.Decimal or ValueKind.Number when cell.Type.Encoding == (int)WireForm.Plain => WireForm.DecimalNumber,
        ValueKind.Float32 or ValueKind.Float64 => WireForm.DecimalNumber,
        <= ValueKind.UInt64 or ValueKind.Interval => WireForm.Plain,
        ValueKind.Decimal or ValueKind.Number => (WireForm)cell.Type.Encoding,
        _ => throw WireErrors.Contradicts(in cell),
    };

    private static void CheckTarget(int precision, int scale, Span<byte> destination)
    {
        var most = destination.Length switch { 4 => 9, 8 => 18, 16 => 38, 32 => 76, _ => 0 };
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, most);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
    }

    private static ValueRefusedException Refuse(in Cell cell, RefusalReason reason, int precision, int scale) => cell.Refuse(reason, reason switch
    {
        RefusalReason.Precision => $"the value has more than {scale} digits after the point: widen the column's Decimal({precision}, {scale}) or store it as text",
        RefusalReason.OutOfRange => $"the value has more than {precision - scale} digits before the point: widen the column's Decimal({precision}, {scale}) or store it as text",
        _ => null,
    });
}
