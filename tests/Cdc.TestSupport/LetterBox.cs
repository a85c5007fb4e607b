namespace Cdc.TestSupport;

/// <summary>The dead letters of a run, of which the expected ones are taken out: what stays was not expected.</summary>
public sealed class LetterBox
{
    private readonly Dictionary<Checkpoint, DeadLetter> letters = [];

    /// <summary>Sorts letters in; the same message refused twice (it was delivered twice) is one letter.</summary>
    public LetterBox(IEnumerable<DeadLetter> letters)
    {
        foreach (var letter in letters) this.letters[letter.Position] = letter;
    }

    /// <summary>The letters that nobody expected.</summary>
    public IReadOnlyCollection<DeadLetter> Rest => letters.Values;

    /// <summary>Takes the letter of a message, if it is of that table, column and reason and its text names the column and says why.</summary>
    public bool TryTake(Checkpoint position, TruthTable table, string? column, DeadLetterReason reason, RefusalReason? refusal = null)
    {
        if (!letters.TryGetValue(position, out var letter) || letter.Reason != reason) return false;
        if (column is not null && (letter.Column != column || !letter.Detail.Contains(column, StringComparison.Ordinal))) return false;
        if (letter.Table is { } id && FeedIndex.Sanitize(id.ToString()) != FeedIndex.Sanitize(table.ToString())) return false;
        if (refusal is { } why && !letter.Detail.Contains(Words(why), StringComparison.Ordinal)) return false;
        return letters.Remove(position);
    }

    private static string Words(RefusalReason reason) => reason switch
    {
        RefusalReason.Infinity => "infinite",
        RefusalReason.NotANumber => "NaN",
        RefusalReason.OutOfRange => "outside the range",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No truth asks for this reason yet."),
    };

    /// <summary>What is known of a message, for people.</summary>
    public string Describe(Checkpoint position) => letters.TryGetValue(position, out var letter) ? $"{letter.Reason} {letter.Column}: {letter.Detail}" : $"no dead letter of {position}";
}
