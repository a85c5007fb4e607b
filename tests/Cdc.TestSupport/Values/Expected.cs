namespace Cdc.TestSupport.Values;

/// <summary>What ClickHouse must hold for one value of the source, in the normal form of <see cref="NormalForm"/>.</summary>
public abstract record Expected
{
    private Expected()
    {
    }

    /// <summary>Exactly this value; null is NULL.</summary>
    public sealed record Value(string? Normal) : Expected;

    /// <summary>The row is refused by this column's name.</summary>
    public sealed record Refused(RefusalReason Reason) : Expected;

    /// <summary>Debezium did not send the value as the source has it: one of these, and why.</summary>
    public sealed record Lost(string Why, params string?[] Allowed) : Expected;

    /// <summary>The target says this value otherwise, as its documentation tells: NULL arrays are empty.</summary>
    public sealed record Noted(string Why, string? Normal) : Expected;

    /// <summary>Whether a stored value is right.</summary>
    public bool Accepts(string? actual) => this switch
    {
        Value value => value.Normal == actual,
        Noted noted => noted.Normal == actual,
        Lost lost => lost.Allowed.Contains(actual),
        _ => false,
    };

    /// <summary>For people: what would have been right.</summary>
    public string Describe() => this switch
    {
        Value value => Show(value.Normal),
        Noted noted => $"{Show(noted.Normal)} ({noted.Why})",
        Lost lost => $"one of {string.Join(" | ", lost.Allowed.Select(Show))} ({lost.Why})",
        Refused refused => $"refused: {refused.Reason}",
        _ => "",
    };

    private static string Show(string? normal) => normal is null ? "NULL" : normal.Length > 120 ? $"{normal[..120]}… ({normal.Length})" : normal;
}
