namespace Cdc.Debezium.Internal.Values;

/// <summary>Steps through the members of an object. Names are compared as they are written; Debezium writes none with escapes.</summary>
internal ref struct MemberReader
{
    private readonly ReadOnlySpan<byte> json;
    private int position;

    public MemberReader(ReadOnlySpan<byte> json)
    {
        this.json = json;
        position = 1;
    }

    /// <summary>Whether the object ended where it should.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Reads the next member.</summary>
    public bool TryRead(out ReadOnlySpan<byte> name, out byte token, out ReadOnlySpan<byte> value)
    {
        name = default;
        token = 0;
        value = default;
        JsonScan.SkipWhitespace(json, ref position);
        if (Next() == '}')
        {
            AtEnd = position == json.Length - 1;
            return false;
        }

        if (Next() == ',') position++;
        JsonScan.SkipWhitespace(json, ref position);
        if (!JsonScan.TryReadValue(json, ref position, out var nameToken, out name) || nameToken is not (WireToken.PlainString or WireToken.EscapedString)) return false;
        JsonScan.SkipWhitespace(json, ref position);
        if (Next() != ':') return false;
        position++;
        JsonScan.SkipWhitespace(json, ref position);
        return JsonScan.TryReadValue(json, ref position, out token, out value);
    }

    private readonly byte Next() => position < json.Length ? json[position] : (byte)0;
}
