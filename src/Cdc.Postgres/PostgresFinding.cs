namespace Cdc.Postgres;

/// <summary>How much a <see cref="PostgresFinding"/> matters.</summary>
public enum PostgresFindingSeverity
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>It works, but not in every case.</summary>
    Warning,

    /// <summary>It cannot work.</summary>
    Fatal,
}

/// <summary>Something that the check of the database found.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">The table, slot, publication, role or setting it is about.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Fix">The SQL that mends it, or what to do in words where no SQL does; null where nothing need be done.</param>
public sealed record PostgresFinding(PostgresFindingSeverity Severity, string Subject, string Problem, string? Fix = null)
{
    /// <summary>The finding as one line.</summary>
    public override string ToString() => $"{Subject}: {Problem}{(Fix is null ? "" : $". Way out: {Fix}")}";
}
