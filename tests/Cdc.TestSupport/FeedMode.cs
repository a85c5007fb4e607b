using System.Text.Json;

namespace Cdc.TestSupport;

/// <summary>How a capture was made: the settings of its connector that decide in which form values and deletes arrive.</summary>
public sealed record FeedMode
{
    /// <summary>Whether messages carry a schema block.</summary>
    public required bool HasSchema { get; init; }

    /// <summary><c>decimal.handling.mode</c>.</summary>
    public required string Decimals { get; init; }

    /// <summary><c>time.precision.mode</c>.</summary>
    public required string Times { get; init; }

    /// <summary><c>binary.handling.mode</c>.</summary>
    public required string Binary { get; init; }

    /// <summary><c>interval.handling.mode</c>.</summary>
    public required string Intervals { get; init; }

    /// <summary>Whether ExtractNewRecordState took the envelope away.</summary>
    public required bool IsFlat { get; init; }

    /// <summary>What a flattened delete leaves: <c>rewrite</c>, <c>tombstone</c> or <c>drop</c>.</summary>
    public required string FlatDeletes { get; init; }

    /// <summary>Whether types that the connector does not know are sent (<c>include.unknown.datatypes</c>).</summary>
    public required bool SendsUnknownTypes { get; init; }

    /// <summary>Whether truncates are sent (<c>skipped.operations=none</c>).</summary>
    public required bool SendsTruncates { get; init; }

    /// <summary>The <c>topic.prefix</c>.</summary>
    public required string TopicPrefix { get; init; }

    /// <summary>Reads a connector's configuration.</summary>
    public static FeedMode Parse(string connectorJson)
    {
        using var document = JsonDocument.Parse(connectorJson);
        var settings = document.RootElement;
        string Setting(string name, string fallback) => settings.TryGetProperty(name, out var value) ? value.GetString()! : fallback;
        return new FeedMode
        {
            HasSchema = Setting("value.converter.schemas.enable", "true") == "true",
            Decimals = Setting("decimal.handling.mode", "precise"),
            Times = Setting("time.precision.mode", "adaptive"),
            Binary = Setting("binary.handling.mode", "bytes"),
            Intervals = Setting("interval.handling.mode", "numeric"),
            IsFlat = Setting("transforms", "").Contains("unwrap", StringComparison.Ordinal),
            FlatDeletes = Setting("transforms.unwrap.delete.tombstone.handling.mode", "tombstone"),
            SendsUnknownTypes = Setting("include.unknown.datatypes", "false") == "true",
            SendsTruncates = Setting("skipped.operations", "t") == "none",
            TopicPrefix = Setting("topic.prefix", ""),
        };
    }
}
