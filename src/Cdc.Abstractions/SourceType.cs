namespace Cdc;

/// <summary>The type of a column at its source, and how its reader finds the values encoded.</summary>
/// <param name="Kind">What the values mean.</param>
public sealed record SourceType(ValueKind Kind)
{
    /// <summary>Decimal digits of a decimal, or digits of a second of a time; −1 where the source does not say.</summary>
    public int Precision { get; init; } = -1;

    /// <summary>Digits of a decimal after the point. It may be negative or larger than the precision.</summary>
    public int Scale { get; init; }

    /// <summary>The declared length of a bit string; −1 where there is none.</summary>
    public int Length { get; init; } = -1;

    /// <summary>The element's type of an array; null for everything else.</summary>
    public SourceType? Element { get; init; }

    /// <summary>The labels of an enumeration as the source lists them, comma-separated; null where unknown.</summary>
    public string? Labels { get; init; }

    /// <summary>The source's own name of the type (<c>numeric(10,2)</c>), or null where the message does not say it.</summary>
    public string? Name { get; init; }

    /// <summary>How the reader finds the values encoded. Only the reader that set it reads it; 0 in a catalog.</summary>
    public int Encoding { get; init; }
}
