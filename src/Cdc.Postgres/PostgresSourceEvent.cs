namespace Cdc.Postgres;

/// <summary>What a <see cref="PostgresSourceEvent"/> tells of.</summary>
public enum PostgresSourceEventKind
{
    /// <summary>A finding of the check at start that does not prevent it.</summary>
    Finding,

    /// <summary>The stream's connection broke and is opened again.</summary>
    Reconnecting,
}

/// <summary>Something that an operator may want to read.</summary>
/// <param name="Kind">What it tells of.</param>
/// <param name="Message">The words: never a value of a row, never a secret.</param>
public sealed record PostgresSourceEvent(PostgresSourceEventKind Kind, string Message)
{
    /// <summary>The finding, when it tells of one.</summary>
    public PostgresFinding? Finding { get; init; }
}
