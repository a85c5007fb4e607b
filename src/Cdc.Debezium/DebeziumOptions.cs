using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium;

/// <summary>
/// What a connector was told, by the connector's own names and with its defaults. A message that carries its schema needs none of it
/// but <see cref="UnavailableValuePlaceholder"/>; without the schema block nothing else says what the values mean.
/// </summary>
public sealed class DebeziumOptions
{
    /// <summary>The connector's <c>decimal.handling.mode</c>.</summary>
    public DecimalHandlingMode DecimalHandlingMode { get; set; }

    /// <summary>The connector's <c>time.precision.mode</c>.</summary>
    public TimePrecisionMode TimePrecisionMode { get; set; }

    /// <summary>The connector's <c>binary.handling.mode</c>.</summary>
    public BinaryHandlingMode BinaryHandlingMode { get; set; }

    /// <summary>The connector's <c>interval.handling.mode</c>.</summary>
    public IntervalHandlingMode IntervalHandlingMode { get; set; }

    /// <summary>The connector's <c>hstore.handling.mode</c>.</summary>
    public HstoreHandlingMode HstoreHandlingMode { get; set; }

    /// <summary>The converter's <c>decimal.format</c>.</summary>
    public DecimalFormat DecimalFormat { get; set; }

    /// <summary>The connector's <c>unavailable.value.placeholder</c>: text, or <c>hex:</c> and octets.</summary>
    public string UnavailableValuePlaceholder { get; set; } = UnavailableValue.DefaultPlaceholder;

    /// <summary>The connector's <c>topic.prefix</c>; null where unknown: a topic's prefix then ends at its first dot.</summary>
    public string? TopicPrefix { get; set; }

    /// <summary>The connector's <c>topic.heartbeat.prefix</c>.</summary>
    public string HeartbeatPrefix { get; set; } = "__debezium-heartbeat";

    /// <summary>Whether the feed is flattened by ExtractNewRecordState; null: each message tells.</summary>
    public bool? Flattened { get; set; }

    /// <summary>The prefix of the fields that a flattening adds: <c>add.fields.prefix</c>.</summary>
    public string AddFieldsPrefix { get; set; } = "__";

    /// <summary>What a flattening makes of deletes: <c>delete.tombstone.handling.mode</c>.</summary>
    public DeleteTombstoneHandling DeleteTombstoneHandling { get; set; } = DeleteTombstoneHandling.Tombstone;

    /// <summary>
    /// The epoch of every version; null: it begins at 0 and grows by one where a partition shows a new connector. A value also switches off
    /// the check for a log that went backwards: set it after the source was restored or replaced, and let the connector take a new snapshot.
    /// </summary>
    public byte? Epoch { get; set; }

    /// <summary>What versions are made of.</summary>
    public VersionPolicy Versioning { get; set; }

    /// <summary>What to do with columns that are in the messages but not in the catalog.</summary>
    public UnknownColumns UnknownColumns { get; set; }

    /// <summary>Whether fields of a key that are no columns (a router's) become columns of the key; else they are left out.</summary>
    public bool KeepExtraKeyFields { get; set; }

    /// <summary>The replica identities of tables, by <c>schema.table</c>: what a delete's key is worth, see the README.</summary>
    public Dictionary<string, ReplicaIdentity> ReplicaIdentities { get; } = new(StringComparer.Ordinal);

    /// <summary>How deep a message may nest, 8 to 512.</summary>
    public int MaxDepth { get; set; } = 64;

    /// <summary>The longest value or key that is read, in bytes.</summary>
    public int MaxMessageBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Reads a connector's configuration in JSON, bare or as <c>{"name":…,"config":{…}}</c>.</summary>
    /// <param name="json">The configuration. What is not about the form of messages is passed over.</param>
    /// <exception cref="ArgumentException">Settings have values that are not known here; the message names all of them.</exception>
    public static DebeziumOptions FromConnector(ReadOnlySpan<byte> json) => Internal.ConnectorConfiguration.Read(json);

    internal IEnumerable<string> Problems()
    {
        if (MaxDepth is < 8 or > 512) yield return $"{nameof(MaxDepth)} is not between 8 and 512";
        if (MaxMessageBytes < 1) yield return $"{nameof(MaxMessageBytes)} is not positive";
        if (string.IsNullOrEmpty(UnavailableValuePlaceholder)) yield return $"{nameof(UnavailableValuePlaceholder)} is empty";
        else if (UnavailableValuePlaceholder.StartsWith("hex:", StringComparison.Ordinal) && !IsHex(UnavailableValuePlaceholder.AsSpan(4))) yield return $"{nameof(UnavailableValuePlaceholder)} begins with hex: but hexadecimal octets do not follow";
        if (HeartbeatPrefix is null) yield return $"{nameof(HeartbeatPrefix)} is null";
        if (AddFieldsPrefix is null) yield return $"{nameof(AddFieldsPrefix)} is null";
        if (!Enum.IsDefined(DecimalHandlingMode)) yield return $"{nameof(DecimalHandlingMode)} is unknown";
        if (!Enum.IsDefined(TimePrecisionMode)) yield return $"{nameof(TimePrecisionMode)} is unknown";
        if (!Enum.IsDefined(BinaryHandlingMode)) yield return $"{nameof(BinaryHandlingMode)} is unknown";
        if (!Enum.IsDefined(IntervalHandlingMode)) yield return $"{nameof(IntervalHandlingMode)} is unknown";
        if (!Enum.IsDefined(HstoreHandlingMode)) yield return $"{nameof(HstoreHandlingMode)} is unknown";
        if (!Enum.IsDefined(DecimalFormat)) yield return $"{nameof(DecimalFormat)} is unknown";
        if (!Enum.IsDefined(DeleteTombstoneHandling)) yield return $"{nameof(DeleteTombstoneHandling)} is unknown";
        if (!Enum.IsDefined(Versioning)) yield return $"{nameof(Versioning)} is unknown";
        if (!Enum.IsDefined(UnknownColumns)) yield return $"{nameof(UnknownColumns)} is unknown";
    }

    private static bool IsHex(ReadOnlySpan<char> text) => text.Length > 0 && text.Length % 2 == 0 && text.ToString().All(char.IsAsciiHexDigit);
}
