using System.Buffers;
using System.Buffers.Text;
using System.Numerics;

namespace Cdc.Debezium.Internal.Values;

/// <summary>A decimal in base64 of the big-endian two's complement of its unscaled value, alone or beside its scale in an object.</summary>
internal static class DecimalBytes
{
    // 131,072 + 16,383 digits, PostgreSQL's most, take 61,232 bytes.
    private const int MaxBytes = 1 << 16;

    /// <summary>Takes a cell apart.</summary>
    /// <param name="cell">A string, or an object with <c>scale</c> and <c>value</c>.</param>
    /// <param name="base64">The number.</param>
    /// <param name="scale">The digits after the point.</param>
    public static void Read(in Cell cell, out ReadOnlySpan<byte> base64, out int scale)
    {
        if ((WireForm)cell.Type.Encoding == WireForm.DecimalStruct)
        {
            if (cell.Token != WireToken.Object) throw WireErrors.Contradicts(in cell);
            if (!TryReadShortest(cell.Raw, out base64, out scale) && !TryReadMembers(cell.Raw, out base64, out scale))
            {
                throw WireErrors.NotA(in cell, "an object of a scale and a value in base64");
            }
        }
        else
        {
            if (cell.Token != WireToken.PlainString) throw WireErrors.Contradicts(in cell);
            base64 = cell.Raw;

            // A negative scale passes through Connect as a large one: the reader keeps what the values are written with in the length.
            scale = cell.Type.Kind == ValueKind.Decimal && cell.Type.Length >= 0 ? cell.Type.Length : cell.Type.Scale;
        }

        if (Math.Abs((long)scale) > DecimalNotation.MaxDigits || base64.Length > MaxBytes / 3 * 4) throw cell.Refuse(RefusalReason.TooLarge);
    }

    public static RefusalReason? GetUnscaled(in Cell cell, int precision, int scale, out UInt256 unscaled, out bool negative)
    {
        Read(in cell, out var base64, out var sent);
        if (base64.Length > 64) return GetLargeUnscaled(in cell, base64, sent, precision, scale, out unscaled, out negative);
        Span<byte> bytes = stackalloc byte[48];
        bytes = bytes[..Decode(in cell, base64, bytes)];
        return UInt256.TryRead(bytes, out unscaled, out negative)
            ? Rescale(ref unscaled, (long)scale - sent, precision)
            : GetLargeUnscaled(in cell, base64, sent, precision, scale, out unscaled, out negative);
    }

    /// <summary>Decodes the number.</summary>
    public static int Decode(in Cell cell, ReadOnlySpan<byte> base64, Span<byte> bytes)
    {
        if (Base64.DecodeFromUtf8(base64, bytes, out var consumed, out var written) != OperationStatus.Done || consumed != base64.Length || written == 0)
        {
            throw WireErrors.NotA(in cell, "base64 of a number");
        }

        return written;
    }

    private static RefusalReason? Rescale(ref UInt256 unscaled, long shift, int precision)
    {
        if (shift < 0 && !unscaled.TryDivideByPower(-shift)) return RefusalReason.Precision;
        if (shift > 0 && !unscaled.TryMultiplyByPower(shift)) return RefusalReason.OutOfRange;
        return unscaled.HasAtMost(precision) ? null : RefusalReason.OutOfRange;
    }

    // More than 76 digits were written: as zeros after the point they may still fit (numeric(5,-2) is sent with 2,046 of them).
    private static RefusalReason? GetLargeUnscaled(in Cell cell, ReadOnlySpan<byte> base64, int sent, int precision, int scale, out UInt256 unscaled, out bool negative)
    {
        var rented = ArrayPool<byte>.Shared.Rent(base64.Length);
        try
        {
            var value = new BigInteger(rented.AsSpan(0, Decode(in cell, base64, rented)), isBigEndian: true);
            negative = value.Sign < 0;
            unscaled = default;
            if (sent > scale)
            {
                value = BigInteger.DivRem(value, BigInteger.Pow(10, sent - scale), out var rest);
                if (!rest.IsZero) return RefusalReason.Precision;
                sent = scale;
            }

            if (!value.TryWriteBytes(rented, out var written, isBigEndian: true)) return RefusalReason.OutOfRange;
            return UInt256.TryRead(rented.AsSpan(0, written), out unscaled, out negative)
                ? Rescale(ref unscaled, (long)scale - sent, precision)
                : RefusalReason.OutOfRange;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // As Debezium writes it: {"scale":4,"value":"AYr3"}.
    private static bool TryReadShortest(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> base64, out int scale)
    {
        base64 = default;
        scale = 0;
        if (!json.StartsWith("{\"scale\":"u8)) return false;
        json = json[9..];
        if (!Utf8Parser.TryParse(json, out scale, out var consumed)) return false;
        json = json[consumed..];
        if (!json.StartsWith(",\"value\":\""u8) || !json.EndsWith("\"}"u8) || json.Length < 12) return false;
        base64 = json[10..^2];
        return base64.IndexOfAny((byte)'"', (byte)'\\') < 0;
    }

    private static bool TryReadMembers(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> base64, out int scale)
    {
        base64 = default;
        scale = 0;
        var members = new MemberReader(json);
        int found = 0;
        while (members.TryRead(out var name, out var token, out var value))
        {
            if (name.SequenceEqual("scale"u8))
            {
                found |= 1;
                if (token != WireToken.Number || !Utf8Parser.TryParse(value, out scale, out var consumed) || consumed != value.Length) return false;
            }
            else if (name.SequenceEqual("value"u8))
            {
                found |= 2;
                if (token != WireToken.PlainString) return false;
                base64 = value;
            }
        }

        return found == 3 && members.AtEnd;
    }
}
