using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cdc.Debezium.Internal.Values;

/// <summary>Tells the placeholder of an unchanged, unsent value from values, in every shape that Debezium gives it.</summary>
internal sealed class UnavailableValue
{
    /// <summary>Debezium's own placeholder.</summary>
    public const string DefaultPlaceholder = "__debezium_unavailable_value";

    private readonly byte[] text;
    private readonly byte[] mapText;
    private readonly byte[] base64;
    private readonly byte[] base64Url;
    private readonly byte[] hex;
    private readonly byte[] uuid;
    private readonly byte[] codes;
    private readonly int longestEscaped;

    /// <summary>Computes the shapes of a placeholder.</summary>
    /// <param name="placeholder">The connector's <c>unavailable.value.placeholder</c>: text, or <c>hex:</c> and octets.</param>
    /// <exception cref="ArgumentException">It is empty, or <c>hex:</c> is followed by anything but octets.</exception>
    public UnavailableValue(string placeholder)
    {
        ArgumentException.ThrowIfNullOrEmpty(placeholder);
        var octets = Octets(placeholder);

        // Octets that are no UTF-8 become replacement characters where Debezium needs text.
        text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(octets));
        var inJson = new byte[text.Length * 6];
        inJson = inJson[..JsonText.Escape(text, inJson)];
        mapText = [.. "{\""u8, .. inJson, .. "\":\""u8, .. inJson, .. "\"}"u8];
        base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(octets));
        base64Url = [.. base64.Select(b => b switch { (byte)'+' => (byte)'-', (byte)'/' => (byte)'_', _ => b })];
        hex = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(octets));
        uuid = Encoding.ASCII.GetBytes(NameUuid(octets).ToString());
        codes = Encoding.ASCII.GetBytes($"[{string.Join(',', octets.Select(b => ((sbyte)b).ToString(CultureInfo.InvariantCulture)))}]");
        longestEscaped = Math.Max(mapText.Length, text.Length) * 6;
    }

    /// <summary>Whether a value is the placeholder.</summary>
    /// <param name="type">The value's type, with its form.</param>
    /// <param name="token">The value's <see cref="WireToken"/>.</param>
    /// <param name="raw">The value as a cell has it.</param>
    public bool Is(SourceType type, byte token, ReadOnlySpan<byte> raw) => token switch
    {
        WireToken.PlainString => IsText(type, raw),
        WireToken.EscapedString => raw.Length <= longestEscaped && IsEscaped(type, raw),
        WireToken.Array => type.Element is { } element && IsArray(element, raw),
        WireToken.Object => type.Kind == ValueKind.Map && EqualsWithoutBlanks(raw, mapText),
        _ => false,
    };

    private bool IsText(SourceType type, ReadOnlySpan<byte> raw) => (WireForm)type.Encoding switch
    {
        WireForm.BytesBase64 => raw.SequenceEqual(base64),

        // PostgreSQL's connector leaves the text as it is where it should be in hexadecimal digits.
        WireForm.BytesHex => raw.SequenceEqual(text) || raw.SequenceEqual(hex),
        WireForm.BytesBase64Url => raw.SequenceEqual(base64Url),
        _ => raw.SequenceEqual(text),
    };

    private bool IsEscaped(SourceType type, ReadOnlySpan<byte> raw)
    {
        Span<byte> buffer = raw.Length <= 512 ? stackalloc byte[512] : new byte[raw.Length];
        if (!JsonText.TryUnescape(raw, buffer, out var length)) return false;
        return IsText(type, buffer[..length]) || (type.Kind is ValueKind.Json or ValueKind.String or ValueKind.Map && buffer[..length].SequenceEqual(mapText));
    }

    // One element that is the placeholder; integers and dates carry its octets, UUIDs a UUID made of it.
    private bool IsArray(SourceType element, ReadOnlySpan<byte> raw)
    {
        if (element.Kind is ValueKind.Int32 or ValueKind.Int64 or ValueKind.Date && EqualsWithoutBlanks(raw, codes)) return true;
        var position = 1;
        JsonScan.SkipWhitespace(raw, ref position);
        if (position >= raw.Length || raw[position] != '"') return false;
        if (!JsonScan.TryReadValue(raw, ref position, out var token, out var value)) return false;
        JsonScan.SkipWhitespace(raw, ref position);
        if (position != raw.Length - 1) return false;
        return element.Kind == ValueKind.Uuid ? value.SequenceEqual(uuid) : Is(element, token, value) || (BytesValues.IsBinary(element) && value.SequenceEqual(base64));
    }

    private static bool EqualsWithoutBlanks(ReadOnlySpan<byte> json, ReadOnlySpan<byte> compact)
    {
        if (json.Length == compact.Length) return json.SequenceEqual(compact);
        if (json.Length < compact.Length || json.Length > compact.Length * 4 || json.IndexOfAny(" \t\r\n"u8) < 0) return false;
        Span<byte> buffer = json.Length <= 1_024 ? stackalloc byte[1_024] : new byte[json.Length];
        return buffer[..JsonText.Compact(json, buffer)].SequenceEqual(compact);
    }

    private static byte[] Octets(string placeholder)
    {
        if (!placeholder.StartsWith("hex:", StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(placeholder);
        try
        {
            return Convert.FromHexString(placeholder.AsSpan(4));
        }
        catch (FormatException)
        {
            throw new ArgumentException("After hex: stand octets, two hexadecimal digits each: copy unavailable.value.placeholder from the connector's configuration.", nameof(placeholder));
        }
    }

    // Java's UUID.nameUUIDFromBytes: version 3, without a namespace.
#pragma warning disable CA5351 // MD5 is what the format says, not a safeguard.
    private static Guid NameUuid(byte[] octets)
    {
        var hash = MD5.HashData(octets);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x30);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
#pragma warning restore CA5351
}
