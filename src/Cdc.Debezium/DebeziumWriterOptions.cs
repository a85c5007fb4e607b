using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium;

/// <summary>How a <see cref="DebeziumWriter"/> writes.</summary>
public sealed class DebeziumWriterOptions
{
    /// <summary>Whether key and value carry their schema block.</summary>
    public bool IncludeSchema { get; set; }

    /// <summary>The first part of the schemas' names, and the name of the source.</summary>
    public string TopicPrefix { get; set; } = "cdc";

    /// <summary>How decimals are written: precise, which has no NaN and no infinity, or as text.</summary>
    public DecimalHandlingMode DecimalHandlingMode { get; set; }

    /// <summary>What stands for an unchanged value that the source did not send.</summary>
    public string UnavailableValuePlaceholder { get; set; } = UnavailableValue.DefaultPlaceholder;

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(TopicPrefix)) yield return $"{nameof(TopicPrefix)} is empty";
        if (DecimalHandlingMode is not (DecimalHandlingMode.Precise or DecimalHandlingMode.String)) yield return $"{nameof(DecimalHandlingMode)} is neither Precise nor String: a double loses digits";
        if (string.IsNullOrEmpty(UnavailableValuePlaceholder) || UnavailableValuePlaceholder.StartsWith("hex:", StringComparison.Ordinal)) yield return $"{nameof(UnavailableValuePlaceholder)} is no text";
    }
}
