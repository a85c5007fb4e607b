using System.Collections.Immutable;
using System.Text.Json;

namespace Cdc.TestSupport;

/// <summary>A column as the source's catalog describes it.</summary>
public sealed record TruthColumn(string Name, string Type, bool NotNull);

/// <summary>A table of the source: its columns, its key and every row as PostgreSQL's own text, null for NULL.</summary>
public sealed record TruthTable(string Schema, string Name, ImmutableArray<TruthColumn> Columns, ImmutableArray<string> Key, ImmutableArray<ImmutableArray<string?>> Rows)
{
    /// <summary>The positions of the key's columns.</summary>
    public ImmutableArray<int> KeyPositions { get; } = [.. Key.Select(k => Columns.Select(c => c.Name).ToList().IndexOf(k))];

    /// <inheritdoc/>
    public override string ToString() => $"{Schema}.{Name}";
}

/// <summary>What the source held, read from the source itself.</summary>
public static class Truth
{
    /// <summary>The tables of a truth file.</summary>
    /// <param name="name">The file without its ending: <c>truth.final</c>, <c>histories-2.truth</c>.</param>
    public static ImmutableArray<TruthTable> Load(string name) => [.. Corpus.Lines($"{name}.jsonl.gz").Select(Parse)];

    private static TruthTable Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var table = document.RootElement;
        return new TruthTable(
            table.GetProperty("schema").GetString()!,
            table.GetProperty("table").GetString()!,
            [.. table.GetProperty("columns").EnumerateArray().Select(c => new TruthColumn(c.GetProperty("name").GetString()!, c.GetProperty("type").GetString()!, c.GetProperty("notnull").GetBoolean()))],
            [.. table.GetProperty("key").EnumerateArray().Select(k => k.GetString()!)],
            [.. table.GetProperty("rows").EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetString()).ToImmutableArray())]);
    }
}
