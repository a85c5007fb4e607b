namespace Cdc.Postgres.Internal.Values;

/// <summary>How the server writes a value, in text and in binary: the <see cref="SourceType.Encoding"/> of this package's shapes.</summary>
internal enum PgForm
{
    /// <summary>The text is the value; binary is the same bytes.</summary>
    Text,

    /// <summary>The text is the value; binary is something else, so a snapshot asks for the text.</summary>
    TextOnly,

    /// <summary><c>t</c> or <c>f</c>; one byte.</summary>
    Bool,

    /// <summary>Decimal digits; 2, 4 or 8 bytes.</summary>
    Integer,

    /// <summary>Decimal digits; 4 bytes without a sign.</summary>
    Unsigned,

    Float4,

    Float8,

    /// <summary>Plain notation, NaN, Infinity; digits of base 10,000.</summary>
    Numeric,

    /// <summary>Text in the notation of <c>lc_monetary=C</c>: <c>-$1,234.50</c>.</summary>
    Money,

    /// <summary>JSON; binary has a version before it.</summary>
    Jsonb,

    Uuid,

    /// <summary><c>\x</c> and hexadecimal digits; the bytes.</summary>
    Bytea,

    /// <summary>Zeros and ones, the first the most significant.</summary>
    Bits,

    Date,

    Time,

    TimeTz,

    Timestamp,

    TimestampTz,

    Interval,

    /// <summary><c>{…}</c>; dimensions and elements.</summary>
    Array,

    /// <summary><c>"key"=&gt;"value"</c>.</summary>
    Hstore,

    Point,

    /// <summary>EWKB in hexadecimal digits; EWKB.</summary>
    Geometry,
}

/// <summary>What a cell's token says.</summary>
internal static class PgToken
{
    public const byte Text = (byte)'t';
    public const byte Binary = (byte)'b';
}
