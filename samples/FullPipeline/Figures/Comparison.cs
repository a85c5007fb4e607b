using System.Globalization;
using System.Text.Json.Serialization;

namespace FullPipeline;

/// <summary>How two answers compare.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>Not both were asked yet.</summary>
    Unknown,

    /// <summary>They are the same, value by value.</summary>
    Equal,

    /// <summary>They differ, and changes are still on their way.</summary>
    CatchingUp,

    /// <summary>They differ, although nothing is on its way.</summary>
    Differs,
}

/// <summary>The answers of source and target to one question; values as text, null for NULL.</summary>
public sealed record ComparedAnswer(string View, string Title, Verdict Verdict, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Source, IReadOnlyList<IReadOnlyList<string?>> Target)
{
    /// <summary>Whether both hold the same rows, in whatever order and with however many zeros behind a number's point.</summary>
    public bool IsEqual => Source.Select(Line).Order(StringComparer.Ordinal).SequenceEqual(Target.Select(Line).Order(StringComparer.Ordinal));

    public int IndexOf(QuestionColumn column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] == column.Name) return i;
        }

        throw new ArgumentException($"The answer has no column {column.Name}.", nameof(column));
    }

    /// <summary>A row in one form, to compare it.</summary>
    internal static string Line(IReadOnlyList<string?> row) => string.Join('\u001f', row.Select(Normal));

    private static string Normal(string? value) => value is null ? "\0"
        : decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (number / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : value;
}

/// <summary>The state of the five questions at one moment of the source.</summary>
public sealed record Comparison(DateTimeOffset At, double HeldMilliseconds, IReadOnlyList<TableCheck> Tables, IReadOnlyList<ComparedAnswer> Answers)
{
    public static Comparison None { get; } = new(DateTimeOffset.UnixEpoch, 0, [], [.. Question.All.Select(q => new ComparedAnswer(q.View, q.Title, Verdict.Unknown, [.. q.Columns.Select(c => c.Name)], [], []))]);
}
