namespace Cdc.ClickHouse.Internal.Errors;

/// <summary>What to do with a refused or unanswered insert.</summary>
internal enum ErrorClass : byte
{
    /// <summary>The rows are stored after all.</summary>
    Success,

    /// <summary>Passes by itself: retry with back-off.</summary>
    Transient,

    /// <summary>Passes only when an operator acts: retry slowly and say so.</summary>
    Long,

    /// <summary>May have been applied: retry the same bytes.</summary>
    Ambiguous,

    /// <summary>The table is not what the plan says: read it again.</summary>
    Schema,

    /// <summary>A row is to blame: look for it.</summary>
    Data,

    /// <summary>Never heals: stop the table.</summary>
    Permanent,
}

/// <summary>A row of the table of errors.</summary>
/// <param name="Class">What to do.</param>
internal readonly record struct ErrorRule(ErrorClass Class)
{
    /// <summary>Whether fewer rows may help.</summary>
    public bool Halve { get; init; }

    /// <summary>How often the class holds in a row before <see cref="Then"/> takes its place; 0 for ever.</summary>
    public int Tries { get; init; }

    /// <summary>What to do after <see cref="Tries"/>, or when a block of one row cannot be halved.</summary>
    public ErrorClass Then { get; init; } = Class;

    /// <summary>Whether the credentials may be stale.</summary>
    public bool Credentials { get; init; }
}
