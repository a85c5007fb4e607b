using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cdc.Debezium.Internal.Json;

/// <summary>
/// Steps through JSON and validates every byte that it passes (RFC 8259; escaped lone surrogates are refused too).
/// The bytes must be valid UTF-8. It never leaves the span and never nests deeper than it was told.
/// </summary>
internal ref struct JsonCursor
{
    private readonly ReadOnlySpan<byte> json;
    private readonly int maxDepth;
    private int depth;

    public JsonCursor(ReadOnlySpan<byte> json, int maxDepth, int position = 0)
    {
        this.json = json;
        this.maxDepth = maxDepth;
        Position = position;
    }

    /// <summary>The next byte to read.</summary>
    public int Position { get; private set; }

    public readonly ReadOnlySpan<byte> Json => json;

    /// <summary>Skips white space and looks at the next byte without taking it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Peek()
    {
        var position = Position;
        if ((uint)position < (uint)json.Length && json[position] > ' ') return json[position];
        return PeekPastSpace();
    }

    /// <summary>Takes the bytes if exactly they come next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(ReadOnlySpan<byte> expected)
    {
        if (!json[Position..].StartsWith(expected)) return false;
        Position += expected.Length;
        return true;
    }

    /// <summary>Enters an object.</summary>
    /// <returns>False when it is empty: it is left again.</returns>
    public bool BeginObject()
    {
        if (Peek() != '{') throw Problem("an object is expected");
        Position++;
        if (++depth > maxDepth) throw Problem("the message nests too deeply");
        if (Peek() != '}') return true;
        Position++;
        depth--;
        return false;
    }

    /// <summary>After a member's value: goes to the next member, or leaves the object.</summary>
    /// <returns>False when the object was left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool NextMember()
    {
        switch (Peek())
        {
            case (byte)',':
                Position++;
                return true;
            case (byte)'}':
                Position++;
                depth--;
                return false;
            default:
                throw Problem("a comma or the end of the object is expected");
        }
    }

    /// <summary>Takes a member's name and the colon.</summary>
    /// <returns>The name between the quotes, escapes and all.</returns>
    public ReadOnlySpan<byte> TakeName()
    {
        if (Peek() != '"') throw Problem("a member's name is expected");
        var start = Position + 1;
        var end = ScanString(start, out _);
        Position = end + 1;
        if (Peek() != ':') throw Problem("a colon is expected");
        Position++;
        return json[start..end];
    }

    /// <summary>Takes a value of any kind.</summary>
    /// <param name="start">Where it begins; of a string, its inside.</param>
    /// <param name="length">How long it is; of a string, its inside.</param>
    /// <returns>Its <see cref="WireToken"/>; 0 for null.</returns>
    public byte TakeValue(out int start, out int length)
    {
        var first = Peek();
        start = Position;
        byte token;
        switch (first)
        {
            case (byte)'"':
                start++;
                var end = ScanString(start, out var escaped);
                length = end - start;
                Position = end + 1;
                return escaped ? WireToken.EscapedString : WireToken.PlainString;
            case (byte)'{':
                SkipObject();
                token = WireToken.Object;
                break;
            case (byte)'[':
                SkipArray();
                token = WireToken.Array;
                break;
            case (byte)'t':
                TakeLiteral("true"u8);
                token = WireToken.True;
                break;
            case (byte)'f':
                TakeLiteral("false"u8);
                token = WireToken.False;
                break;
            case (byte)'n':
                TakeLiteral("null"u8);
                token = 0;
                break;
            default:
                TakeNumber();
                token = WireToken.Number;
                break;
        }

        length = Position - start;
        return token;
    }

    /// <summary>Takes a value and forgets it.</summary>
    public void SkipValue() => TakeValue(out _, out _);

    /// <summary>Whether the next value is null; it is taken then.</summary>
    public bool TryTakeNull()
    {
        if (Peek() != 'n') return false;
        TakeLiteral("null"u8);
        return true;
    }

    /// <summary>Checks that nothing but white space follows.</summary>
    public void End()
    {
        while (Position < json.Length)
        {
            if (!IsSpace(json[Position])) throw Problem("something follows the end of the message");
            Position++;
        }
    }

    public readonly MessageProblem Problem(string problem) => new(problem, Position);

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private byte PeekPastSpace()
    {
        while (Position < json.Length && IsSpace(json[Position])) Position++;
        return Position < json.Length ? json[Position] : throw Problem("the message is cut off");
    }

    private void SkipObject()
    {
        if (!BeginObject()) return;
        do
        {
            TakeName();
            SkipValue();
        }
        while (NextMember());
    }

    private void SkipArray()
    {
        Position++;
        if (++depth > maxDepth) throw Problem("the message nests too deeply");
        if (Peek() == ']')
        {
            Position++;
            depth--;
            return;
        }

        while (true)
        {
            SkipValue();
            var next = Peek();
            if (next is not ((byte)',' or (byte)']')) throw Problem("a comma or the end of the array is expected");
            Position++;
            if (next == ',') continue;
            depth--;
            return;
        }
    }

    private void TakeLiteral(ReadOnlySpan<byte> literal)
    {
        if (!TryTake(literal)) throw Problem("a value is expected");
    }

    private void TakeNumber()
    {
        var position = Position;
        if (position <= json.Length - Vector128<byte>.Count)
        {
            // Most numbers are whole and shorter than 16 digits: one comparison finds where they end.
            var chunk = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)position) - Vector128.Create((byte)'0');
            var digits = BitOperations.TrailingZeroCount(Vector128.GreaterThan(chunk, Vector128.Create((byte)9)).ExtractMostSignificantBits() | 0x10000u);
            if (digits is > 0 and < 16 && json[position + digits] is (byte)',' or (byte)'}' or (byte)']' && (digits == 1 || json[position] != '0'))
            {
                Position = position + digits;
                return;
            }
        }

        if (At(position) == '-') position++;
        if (At(position) == '0') position++;
        else position = Digits(position);
        if (At(position) == '.') position = Digits(position + 1);
        if (At(position) is (byte)'e' or (byte)'E')
        {
            position++;
            if (At(position) is (byte)'+' or (byte)'-') position++;
            position = Digits(position);
        }

        if ((At(position) | 0x20) is >= 'a' and <= 'z' or >= '0' and <= '9') throw Problem("a value is expected");
        Position = position;
    }

    private readonly byte At(int position) => (uint)position < (uint)json.Length ? json[position] : (byte)0;

    private readonly int Digits(int position)
    {
        var start = position;
        while ((uint)position < (uint)json.Length && (uint)(json[position] - '0') <= 9) position++;
        return position > start ? position : throw Problem("a value is expected");
    }

    /// <summary>Finds the closing quote of the string whose inside begins at a position.</summary>
    private readonly int ScanString(int position, out bool escaped)
    {
        escaped = false;
        ref var bytes = ref MemoryMarshal.GetReference(json);
        while (true)
        {
            if (position <= json.Length - Vector128<byte>.Count)
            {
                var chunk = Vector128.LoadUnsafe(ref bytes, (nuint)position);
                var special = Vector128.Equals(chunk, Vector128.Create((byte)'"'))
                    | Vector128.Equals(chunk, Vector128.Create((byte)'\\'))
                    | Vector128.LessThan(chunk, Vector128.Create((byte)' '));
                var mask = special.ExtractMostSignificantBits();
                if (mask == 0)
                {
                    position += Vector128<byte>.Count;
                    continue;
                }

                position += BitOperations.TrailingZeroCount(mask);
            }

            if (position >= json.Length) throw Problem("the message is cut off");
            switch (json[position])
            {
                case (byte)'"':
                    return position;
                case (byte)'\\':
                    escaped = true;
                    position = SkipEscape(position + 1);
                    break;
                case < (byte)' ':
                    throw Problem("a control character stands in a string without escape");
                default:
                    position++;
                    break;
            }
        }
    }

    private readonly int SkipEscape(int position)
    {
        switch (At(position))
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return position + 1;
            case (byte)'u':
                var unit = CodeUnit(position + 1);
                if (char.IsLowSurrogate(unit)) throw Problem("a lone surrogate stands in a string");
                if (!char.IsHighSurrogate(unit)) return position + 5;
                if (At(position + 5) != '\\' || At(position + 6) != 'u' || !char.IsLowSurrogate(CodeUnit(position + 7))) throw Problem("a lone surrogate stands in a string");
                return position + 11;
            default:
                throw Problem("an escape in a string is not valid");
        }
    }

    private readonly char CodeUnit(int position)
    {
        var unit = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = At(position + i);
            if (!char.IsAsciiHexDigit((char)digit)) throw Problem("an escape in a string is not valid");
            unit = (unit << 4) | (digit <= (byte)'9' ? digit - '0' : (digit & 0xDF) - 'A' + 10);
        }

        return (char)unit;
    }
}
