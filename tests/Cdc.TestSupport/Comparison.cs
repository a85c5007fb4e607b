using Cdc.TestSupport.Values;

namespace Cdc.TestSupport;

/// <summary>One place where ClickHouse does not hold what the source held.</summary>
public sealed record Difference(string Table, string Key, string? Column, string Expected, string Actual)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Table} {Key} {Column}: expected {Expected}, actual {Actual}";
}

/// <summary>What a comparison found, and how much it looked at.</summary>
public sealed class ComparisonResult
{
    /// <summary>The differences; none when the target equals the source.</summary>
    public List<Difference> Differences { get; } = [];

    /// <summary>Rows that must be and are there.</summary>
    public int Rows { get; set; }

    /// <summary>Values that were compared exactly.</summary>
    public int Exact { get; set; }

    /// <summary>Values that Debezium lost, by why.</summary>
    public SortedDictionary<string, int> Lost { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows refused by name, by table, column and reason.</summary>
    public SortedDictionary<string, int> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>For a test's message.</summary>
    public override string ToString() =>
        $"{Rows} rows, {Exact} values equal; lost: {string.Join("; ", Lost.Select(l => $"{l.Key} {l.Value}"))}; refused: {string.Join("; ", Refused.Select(r => $"{r.Key} {r.Value}"))}"
        + string.Concat(Differences.Take(40).Select(d => $"\n  {d}")) + (Differences.Count > 40 ? $"\n  … and {Differences.Count - 40} more" : "");
}

/// <summary>Compares one table of the source with what ClickHouse holds.</summary>
/// <param name="table">The source's table.</param>
/// <param name="feed">What the messages say.</param>
/// <param name="mode">How the connector sends.</param>
/// <param name="letters">The dead letters of the run; those that are expected are taken out.</param>
/// <param name="result">Where differences go.</param>
public sealed class TableComparison(TruthTable table, FeedIndex feed, FeedMode mode, LetterBox letters, ComparisonResult result)
{
    private readonly PgType[] types = [.. table.Columns.Select(c => PgType.Parse(c.Type))];

    /// <summary>The keys of rows that are known to be stale because a message of them was refused for a reason outside the truth.</summary>
    public IReadOnlySet<string> Stale { get; init; } = new HashSet<string>();

    /// <summary>The keys of rows that changed their key and were refused by name, for the row that they left was merged away with its unchanged values.</summary>
    public IReadOnlySet<string> Unavailable { get; init; } = new HashSet<string>();

    /// <summary>Whether rows may stay that the source no longer has: the connector does not send the table's truncates or some of its deletes.</summary>
    public bool LosesDeletes { get; init; }

    /// <summary>Columns that DDL at the source rewrote in place: no row of them was sent, so the last value that was sent may stand.</summary>
    public IReadOnlySet<string> RewrittenColumns { get; init; } = new HashSet<string>();

    /// <summary>Compares.</summary>
    /// <param name="columns">The target's columns.</param>
    /// <param name="stored">The target's rows.</param>
    public void Compare(IReadOnlyList<StoredColumn> columns, IReadOnlyList<Dictionary<string, string?>> stored)
    {
        CompareTypes(columns);
        var rest = new Dictionary<string, Dictionary<string, string?>>();
        foreach (var row in stored)
        {
            var key = NormalForm.List(table.Key.Select(k => row[k]));
            if (!rest.TryAdd(key, row)) Differ(key, null, "one row", "the row twice");
        }

        foreach (var row in table.Rows) CompareRow(row, rest);
        CompareGone(rest);
    }

    // What the source no longer has must be gone here too, and where no message said so it must have stayed.
    private void CompareGone(Dictionary<string, Dictionary<string, string?>> rest)
    {
        var keys = table.Rows.Select(r => Key(r)).ToHashSet();
        foreach (var (key, messages) in feed.Rows(table))
        {
            if (keys.Contains(key)) continue;
            var isThere = rest.Remove(key);
            if (messages[^1].IsDelete || feed.Truncated.Contains(table.ToString()))
            {
                if (isThere) Differ(key, null, "no row", "a row");
            }
            else if (!LosesDeletes)
            {
                Differ(key, null, "a message of the row's end", "none in the feed");
            }
            else if (isThere)
            {
                Count(result.Lost, $"{table}: rows whose end was not sent");
            }
            else
            {
                Differ(key, null, "a row, for its end was not sent", "none");
            }
        }

        foreach (var key in rest.Keys) Differ(key, null, "no row: the feed knows none", "a row");
    }

    private void CompareRow(IReadOnlyList<string?> row, Dictionary<string, Dictionary<string, string?>> rest)
    {
        var key = Key(row);
        var messages = feed.Of(table, key);
        if (messages.Count == 0)
        {
            Differ(key, null, "a message of the row", "none in the feed");
            return;
        }

        var last = messages[^1];
        var expected = table.Columns.Select((c, i) => last.Columns.Contains(c.Name) ? Expectation.Of(types[i], row[i], mode, last.Operation) : null).ToList();
        var refused = expected.FindIndex(e => e is Expected.Refused);
        var isThere = rest.Remove(key, out var actual);
        if (Stale.Contains(key)) return;
        if (refused >= 0)
        {
            var reason = ((Expected.Refused)expected[refused]!).Reason;
            if (isThere) Differ(key, table.Columns[refused].Name, expected[refused]!.Describe(), "stored");
            foreach (var message in messages.Where(m => !m.IsDelete))
            {
                if (!letters.TryTake(message.Position, table, table.Columns[refused].Name, DeadLetterReason.ValueRefused, reason)) Differ(key, table.Columns[refused].Name, $"a dead letter ({reason})", letters.Describe(message.Position));
            }

            Count(result.Refused, $"{table}.{table.Columns[refused].Name} {reason}");
            return;
        }

        if (!isThere)
        {
            if (Unavailable.Contains(key)) Count(result.Refused, $"{table} {nameof(RefusalReason.Unavailable)}");
            else Differ(key, null, "a row", "none");
            return;
        }

        result.Rows++;
        for (var i = 0; i < expected.Count; i++) CompareCell(key, i, row[i], expected[i], actual!, last);
    }

    private void CompareCell(string key, int column, string? truth, Expected? expected, Dictionary<string, string?> actual, FeedMessage last)
    {
        var name = table.Columns[column].Name;
        var isThere = actual.TryGetValue(name, out var value);
        if (expected is null)
        {
            // The row's last message says nothing of the column: it keeps what an earlier one said, else it has the value of an omitted column.
            Count(result.Lost, $"{table}.{name} is not in the row's last message");
            if (!isThere) return;
            var kept = Expectation.Of(types[column], truth, mode, "r");
            string?[] omitted = [null, "", "0", "[]"];
            var wasSent = feed.Of(table, key).Any(m => m.Columns.Contains(name));
            var isRight = kept.Accepts(value) || (!wasSent && omitted.Contains(value)) || (IsRewritten(name) && value == LastSent(key, name));
            if (!isRight) Differ(key, name, $"{kept.Describe()}{(wasSent ? "" : " or nothing")}, for it is not in {last.Position}", Show(value));
            return;
        }

        if (!isThere) Differ(key, name, expected.Describe(), "no such column");
        else if (IsRewritten(name) && !expected.Accepts(value) && value == LastSent(key, name)) Count(result.Lost, $"{table}.{name}: the source dropped and added the column again and sent no row");
        else if (!expected.Accepts(value)) Differ(key, name, expected.Describe(), Show(value));
        else if (expected is Expected.Lost lost) Count(result.Lost, $"{table}.{name}: {lost.Why}");
        else result.Exact++;
    }

    private bool IsRewritten(string column) => RewrittenColumns.Contains(column);

    private string? LastSent(string key, string column) =>
        feed.Of(table, key).LastOrDefault(m => m.Columns.Contains(column)) is { } sent && sent.Row.TryGetProperty(column, out var value) ? value.ToString() : null;

    private void CompareTypes(IReadOnlyList<StoredColumn> columns)
    {
        foreach (var (truth, type) in table.Columns.Zip(types))
        {
            if (PlannedType.Of(type, mode) is not { } planned || columns.FirstOrDefault(c => c.Name == truth.Name) is not { } column) continue;
            var isKey = table.Key.Contains(truth.Name);
            var actual = planned is "LowCardinality(String)" ? column.Type.Replace("Nullable(String)", "String") : StoredValue.Unwrap(column.Type);
            if (actual != planned) Differ("", truth.Name, $"type {planned}", column.Type);
            if (isKey && column.Type.StartsWith("Nullable", StringComparison.Ordinal)) Differ("", truth.Name, "a key that is not Nullable", column.Type);
        }
    }

    private string Key(IReadOnlyList<string?> row) => NormalForm.List(table.KeyPositions.Select(p => ((Expected.Value)Expectation.Of(types[p], row[p], mode, "r")).Normal));

    private void Differ(string key, string? column, string expected, string actual) => result.Differences.Add(new Difference(table.ToString(), key, column, expected, actual));

    private static string Show(string? value) => value is null ? "NULL" : value.Length > 120 ? $"{value[..120]}… ({value.Length})" : value;

    private static void Count(SortedDictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;
}
