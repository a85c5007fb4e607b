namespace Cdc.Debezium.Internal;

/// <summary>
/// In which form a value stands in the message: the <see cref="SourceType.Encoding"/> of a shape made by the reader.
/// With a schema the field's Connect type and name tell it, without one the connector's modes do.
/// </summary>
internal enum WireForm
{
    /// <summary>As JSON itself says: a boolean, a number, a string.</summary>
    Plain,

    /// <summary>Base64 of the unscaled value, big-endian two's complement; the scale is the type's (Connect's Decimal).</summary>
    DecimalBase64,

    /// <summary>A string with the decimal in plain notation, <c>NAN</c>, <c>POSITIVE_INFINITY</c> or <c>NEGATIVE_INFINITY</c>.</summary>
    DecimalText,

    /// <summary>A JSON number (a double, or Connect's <c>decimal.format=NUMERIC</c>).</summary>
    DecimalNumber,

    /// <summary>An object <c>{"scale":n,"value":"base64"}</c>.</summary>
    DecimalStruct,

    /// <summary>Base64.</summary>
    BytesBase64,

    /// <summary>Base64 in the URL-safe alphabet.</summary>
    BytesBase64Url,

    /// <summary>Hexadecimal digits.</summary>
    BytesHex,

    /// <summary>Days since 1970-01-01.</summary>
    EpochDays,

    /// <summary>Milliseconds: of a day, or since 1970-01-01 UTC.</summary>
    Milliseconds,

    /// <summary>Microseconds: of a day, since 1970-01-01 UTC, or of a duration.</summary>
    Microseconds,

    /// <summary>Nanoseconds: of a day, or since 1970-01-01 UTC.</summary>
    Nanoseconds,

    /// <summary>ISO 8601 text: a date, a time or a timestamp, with <c>Z</c> or an offset, or <c>infinity</c>.</summary>
    IsoText,

    /// <summary>An object of strings (hstore as a map).</summary>
    StringMap,

    /// <summary>An object <c>{"x":…,"y":…,"wkb":…,"srid":…}</c>.</summary>
    PointStruct,

    /// <summary>An object <c>{"wkb":"base64","srid":…}</c>.</summary>
    GeometryStruct,

    /// <summary>A JSON array of elements, each in the form of the element's type.</summary>
    JsonArray,

    /// <summary>An object or anything else, kept as its JSON text.</summary>
    JsonText,
}

/// <summary>What a cell's raw bytes are: the <see cref="Cell.Token"/> that the reader notes.</summary>
internal static class WireToken
{
    /// <summary>
    /// A whole JSON value, quotes included: what <see cref="ColumnShape.Default"/> holds, whose cells carry no token.
    /// </summary>
    public const byte WholeJson = 0;

    /// <summary>The inside of a JSON string that has no escape: the bytes are the text.</summary>
    public const byte PlainString = 1;

    /// <summary>The inside of a JSON string with escapes to undo.</summary>
    public const byte EscapedString = 2;

    /// <summary>A JSON number.</summary>
    public const byte Number = 3;

    /// <summary>The literal <c>true</c>.</summary>
    public const byte True = 4;

    /// <summary>The literal <c>false</c>.</summary>
    public const byte False = 5;

    /// <summary>A JSON object, braces included.</summary>
    public const byte Object = 6;

    /// <summary>A JSON array, brackets included.</summary>
    public const byte Array = 7;
}
