namespace Cdc.Debezium;

/// <summary>How the connector sends decimals: its <c>decimal.handling.mode</c>.</summary>
public enum DecimalHandlingMode
{
    /// <summary>As the bytes of the unscaled value, base64 in JSON. The connector's default.</summary>
    Precise,

    /// <summary>As a floating-point number: digits beyond the 17th are lost at the source.</summary>
    Double,

    /// <summary>As text.</summary>
    String,
}

/// <summary>How the connector sends dates and times: its <c>time.precision.mode</c>.</summary>
public enum TimePrecisionMode
{
    /// <summary>In the unit that the column's precision needs. The connector's default for PostgreSQL.</summary>
    Adaptive,

    /// <summary>As adaptive, but times of day always in microseconds.</summary>
    AdaptiveTimeMicroseconds,

    /// <summary>As Kafka Connect's own types, in milliseconds: microseconds are lost at the source.</summary>
    Connect,

    /// <summary>As ISO 8601 text.</summary>
    IsoString,

    /// <summary>In microseconds.</summary>
    Microseconds,

    /// <summary>In nanoseconds.</summary>
    Nanoseconds,
}

/// <summary>How the connector sends bytes: its <c>binary.handling.mode</c>.</summary>
public enum BinaryHandlingMode
{
    /// <summary>As bytes, which JSON carries in base64. The connector's default.</summary>
    Bytes,

    /// <summary>As text in base64.</summary>
    Base64,

    /// <summary>As text in base64 with the URL-safe alphabet.</summary>
    Base64UrlSafe,

    /// <summary>As hexadecimal text.</summary>
    Hex,
}

/// <summary>How the connector sends intervals: its <c>interval.handling.mode</c>.</summary>
public enum IntervalHandlingMode
{
    /// <summary>In microseconds, a month as 30.4375 days. The connector's default.</summary>
    Numeric,

    /// <summary>As ISO 8601 text.</summary>
    String,
}

/// <summary>How the connector sends hstore: its <c>hstore.handling.mode</c>.</summary>
public enum HstoreHandlingMode
{
    /// <summary>As JSON text. The connector's default.</summary>
    Json,

    /// <summary>As a map.</summary>
    Map,
}

/// <summary>How the JSON converter writes decimals: its <c>decimal.format</c>.</summary>
public enum DecimalFormat
{
    /// <summary>As base64. The converter's default.</summary>
    Base64,

    /// <summary>As numbers.</summary>
    Numeric,
}

/// <summary>What a flattened feed makes of a delete: <c>delete.tombstone.handling.mode</c> of ExtractNewRecordState.</summary>
public enum DeleteTombstoneHandling
{
    /// <summary>Nothing: the target keeps deleted rows.</summary>
    Drop,

    /// <summary>A null value. The transformation's default.</summary>
    Tombstone,

    /// <summary>The row with <c>__deleted</c>.</summary>
    Rewrite,

    /// <summary>The row with <c>__deleted</c>, then a null value.</summary>
    RewriteWithTombstone,

    /// <summary>A null value in the place of the delete.</summary>
    DeleteToTombstone,
}

/// <summary>What the versions of rows are made of.</summary>
public enum VersionPolicy
{
    /// <summary>The source's log where the message carries <c>sequence</c>, else the message's offset.</summary>
    Auto,

    /// <summary>The source's log; a message without <c>sequence</c> is refused.</summary>
    Log,

    /// <summary>The message's offset, see <see cref="VersionLayout.Offset"/>.</summary>
    Offset,
}

/// <summary>What to do with a column that is in the messages but not in the catalog.</summary>
public enum UnknownColumns
{
    /// <summary>Leave it out and say so once in <see cref="DebeziumReader.Warnings"/>.</summary>
    Ignore,

    /// <summary>Refuse the message.</summary>
    Refuse,
}

/// <summary>What the source logs of a row's old state: PostgreSQL's <c>REPLICA IDENTITY</c> of a table.</summary>
public enum ReplicaIdentity
{
    /// <summary>Not told: a delete whose key looks made up is refused.</summary>
    Unknown,

    /// <summary>The primary key.</summary>
    Default,

    /// <summary>The whole row.</summary>
    Full,

    /// <summary>The columns of an index that is not the primary key: a key in a delete may be made up.</summary>
    Index,
}
