namespace Cdc.Debezium.Internal.Values;

/// <summary>Steps through JSON that was validated before; never leaves the span whatever it holds.</summary>
internal static class JsonScan
{
    public static void SkipWhitespace(ReadOnlySpan<byte> json, scoped ref int position)
    {
        while (position < json.Length && json[position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') position++;
    }

    /// <summary>Reads the value at a position.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="position">Where the value begins; afterwards, where it ended.</param>
    /// <param name="token">The value's <see cref="WireToken"/>; 0 for <c>null</c>.</param>
    /// <param name="value">The value, without the quotes of a string.</param>
    /// <returns>False where no value stands.</returns>
    public static bool TryReadValue(ReadOnlySpan<byte> json, scoped ref int position, out byte token, out ReadOnlySpan<byte> value)
    {
        token = 0;
        value = default;
        if ((uint)position >= (uint)json.Length) return false;
        var start = position;
        switch (json[position])
        {
            case (byte)'"':
                if (!TrySkipString(json, ref position, out var escaped)) return false;
                token = escaped ? WireToken.EscapedString : WireToken.PlainString;
                value = json[(start + 1)..(position - 1)];
                return true;
            case (byte)'{':
                token = WireToken.Object;
                break;
            case (byte)'[':
                token = WireToken.Array;
                break;
            case (byte)'t':
                token = WireToken.True;
                return TryReadLiteral(json, ref position, "true"u8, out value);
            case (byte)'f':
                token = WireToken.False;
                return TryReadLiteral(json, ref position, "false"u8, out value);
            case (byte)'n':
                return TryReadLiteral(json, ref position, "null"u8, out value);
            default:
                token = WireToken.Number;
                while (position < json.Length && json[position] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E') position++;
                value = json[start..position];
                return position > start;
        }

        if (!TrySkipNested(json, ref position)) return false;
        value = json[start..position];
        return true;
    }

    private static bool TryReadLiteral(ReadOnlySpan<byte> json, scoped ref int position, ReadOnlySpan<byte> literal, out ReadOnlySpan<byte> value)
    {
        value = literal;
        if (!json[position..].StartsWith(literal)) return false;
        position += literal.Length;
        return true;
    }

    private static bool TrySkipNested(ReadOnlySpan<byte> json, scoped ref int position)
    {
        var depth = 0;
        while (true)
        {
            var step = json[position..].IndexOfAny("{}[]\""u8);
            if (step < 0) return false;
            position += step;
            switch (json[position])
            {
                case (byte)'"':
                    if (!TrySkipString(json, ref position, out _)) return false;
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }

            position++;
            if (depth == 0) return true;
        }
    }

    private static bool TrySkipString(ReadOnlySpan<byte> json, scoped ref int position, out bool escaped)
    {
        escaped = false;
        position++;
        while (true)
        {
            var step = json[position..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0) return false;
            position += step;
            if (json[position] == '"')
            {
                position++;
                return true;
            }

            escaped = true;
            position += 2;
            if (position > json.Length) return false;
        }
    }
}
