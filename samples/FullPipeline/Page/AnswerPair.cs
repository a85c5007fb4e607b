using System.Globalization;

namespace FullPipeline;

/// <summary>A row of an answer as both databases give it: its label, and the measure that has a bar.</summary>
public sealed record AnswerPair(string Label, string? Source, string? Target, bool IsSame)
{
    /// <summary>The rows of both, the greatest of the source first.</summary>
    public static IReadOnlyList<AnswerPair> Of(Question question, ComparedAnswer answer)
    {
        var (labels, measure) = (question.Labels.Select(answer.IndexOf).ToArray(), answer.IndexOf(question.Columns.First(c => c.Name == question.Measure)));
        var target = answer.Target.GroupBy(Label).ToDictionary(g => g.Key, g => g.First());
        var source = answer.Source.GroupBy(Label).ToDictionary(g => g.Key, g => g.First());
        var pairs = source.Keys.Union(target.Keys).Select(label =>
        {
            var (left, right) = (source.GetValueOrDefault(label), target.GetValueOrDefault(label));
            return new AnswerPair(label, left?[measure], right?[measure], left is not null && right is not null && ComparedAnswer.Line(left) == ComparedAnswer.Line(right));
        });
        return question.Columns[0].Format == Format.Year
            ? [.. pairs.OrderBy(p => p.Label, StringComparer.Ordinal)]
            : [.. pairs.OrderByDescending(p => decimal.TryParse(p.Source ?? p.Target, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0).ThenBy(p => p.Label, StringComparer.Ordinal)];

        // Of a place and a person the person comes first, and the city is enough of a place.
        string Label(IReadOnlyList<string?> row) => string.Join(", ", (labels.Length > 2 ? labels.Reverse().Take(2) : labels).Select(l => row[l]));
    }
}
