namespace Cdc;

/// <summary>The meaning of a column's values, whatever form the source sent them in.</summary>
public enum ValueKind : byte
{
    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A signed integer of 8 bits.</summary>
    Int8,

    /// <summary>A signed integer of 16 bits.</summary>
    Int16,

    /// <summary>A signed integer of 32 bits.</summary>
    Int32,

    /// <summary>A signed integer of 64 bits.</summary>
    Int64,

    /// <summary>An unsigned integer of 8 bits.</summary>
    UInt8,

    /// <summary>An unsigned integer of 16 bits.</summary>
    UInt16,

    /// <summary>An unsigned integer of 32 bits.</summary>
    UInt32,

    /// <summary>An unsigned integer of 64 bits.</summary>
    UInt64,

    /// <summary>A binary floating-point number of 32 bits; NaN and the infinities are values.</summary>
    Float32,

    /// <summary>A binary floating-point number of 64 bits; NaN and the infinities are values.</summary>
    Float64,

    /// <summary>A decimal with <see cref="SourceType.Precision"/> digits, <see cref="SourceType.Scale"/> of them after the point.</summary>
    Decimal,

    /// <summary>A decimal whose scale differs from value to value (PostgreSQL <c>numeric</c> without precision).</summary>
    Number,

    /// <summary>Text.</summary>
    String,

    /// <summary>A JSON document as text; a JSON null is the text <c>null</c>, not NULL.</summary>
    Json,

    /// <summary>A UUID.</summary>
    Uuid,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A bit string as bytes, least significant byte first, trailing zero bytes dropped, as Debezium sends it.</summary>
    Bits,

    /// <summary>A label of an enumeration.</summary>
    Enum,

    /// <summary>A date without time.</summary>
    Date,

    /// <summary>A time of day without zone, or a duration (MySQL): <see cref="SourceType.Precision"/> digits of a second.</summary>
    Time,

    /// <summary>A time of day with a zone, as text in UTC.</summary>
    ZonedTime,

    /// <summary>A date and time without zone, as if it were UTC: <see cref="SourceType.Precision"/> digits of a second.</summary>
    Timestamp,

    /// <summary>An instant: <see cref="SourceType.Precision"/> digits of a second.</summary>
    ZonedTimestamp,

    /// <summary>An interval in microseconds; a month counts 30.4375 days, as the connector counts it.</summary>
    Interval,

    /// <summary>An interval as ISO 8601 text.</summary>
    IntervalText,

    /// <summary>An array of <see cref="SourceType.Element"/>.</summary>
    Array,

    /// <summary>A map from text to text (hstore).</summary>
    Map,

    /// <summary>A point of two coordinates.</summary>
    Point,

    /// <summary>A geometry as WKB or EWKB bytes.</summary>
    Geometry,

    /// <summary>A type unknown here, as the text or bytes in which it was sent.</summary>
    Unknown,
}
