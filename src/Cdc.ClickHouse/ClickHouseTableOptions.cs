namespace Cdc.ClickHouse;

/// <summary>What differs for one table of the source. Whatever is not set follows <see cref="ClickHouseOptions"/>.</summary>
public sealed class ClickHouseTableOptions
{
    /// <summary>The target's database, or null for the general rule.</summary>
    public string? Database { get; set; }

    /// <summary>The target's table, or null for the source's name.</summary>
    public string? Table { get; set; }

    /// <summary>
    /// The columns of the sorting key, in order, for a table that has no key at its source; the single name <c>*</c> takes all columns.
    /// They must tell any two rows apart and an update must not change them, or its old row stays.
    /// </summary>
    public IList<string> Key { get; } = [];

    /// <summary>What differs for single columns, by their exact names.</summary>
    public IDictionary<string, ClickHouseColumnOptions> Columns { get; } = new Dictionary<string, ClickHouseColumnOptions>(StringComparer.Ordinal);

    internal IEnumerable<string> Problems(string name)
    {
        if (Database is { Length: 0 }) yield return $"Tables[\"{name}\"].{nameof(Database)} is empty";
        if (Table is { Length: 0 }) yield return $"Tables[\"{name}\"].{nameof(Table)} is empty";
        if (Key.Distinct(StringComparer.Ordinal).Count() != Key.Count || Key.Any(string.IsNullOrEmpty)) yield return $"Tables[\"{name}\"].{nameof(Key)} names a column twice or an empty one";
        foreach (var (column, options) in Columns)
        {
            foreach (var problem in options.Problems($"Tables[\"{name}\"].Columns[\"{column}\"]")) yield return problem;
        }

        if (Key.Count > 1 && Key.Contains("*")) yield return $"Tables[\"{name}\"].{nameof(Key)} has * beside other columns";
    }
}
