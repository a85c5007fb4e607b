using Cdc;

namespace FullPipeline;

/// <summary>A dead letter without its row.</summary>
public sealed record LetterNote(DateTimeOffset At, string Where, string Table, string? Column, string Reason, string Detail);

/// <summary>Keeps dead letters in a file, and the last of them for the page.</summary>
internal sealed class RecentLetters(IDeadLetterSink letters, RecentLetters.Latest latest) : IDeadLetterSink
{
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await letters.WriteAsync(letter, cancellationToken);
        latest.Add(letter);
    }

    public ValueTask DisposeAsync() => letters.DisposeAsync();

    internal sealed class Latest(TimeProvider time)
    {
        private readonly Lock gate = new();
        private readonly Queue<LetterNote> notes = new();

        public IReadOnlyList<LetterNote> Notes
        {
            get
            {
                lock (gate) return [.. notes.Reverse()];
            }
        }

        public void Add(DeadLetter letter)
        {
            var where = $"{letter.Position.Topic}, partition {letter.Position.Partition}, offset {letter.Position.Position}";
            lock (gate)
            {
                if (notes.Count == 5) notes.Dequeue();
                notes.Enqueue(new LetterNote(time.GetUtcNow(), where, letter.Table?.Name ?? "", letter.Column, letter.Reason.ToString(), letter.Detail));
            }
        }
    }
}
