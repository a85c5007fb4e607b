namespace Cdc.Postgres;

/// <summary>The source cannot go on. The message says why and the way out.</summary>
public sealed class PostgresSourceException : CdcException
{
    internal PostgresSourceException(string message, bool isTransient = false, Exception? innerException = null, IReadOnlyList<PostgresFinding>? findings = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        Findings = findings ?? [];
    }

    /// <inheritdoc/>
    public override bool IsTransient { get; }

    /// <summary>What the check found, when it is because of that; each with the SQL that mends it.</summary>
    public IReadOnlyList<PostgresFinding> Findings { get; }
}
