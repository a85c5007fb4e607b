namespace Cdc.Postgres.Internal.Stream;

/// <summary>
/// Which transactions were delivered and not yet told to the server. Offsets of transactions that ran at once may fall from one to the next,
/// but whatever stands behind a commit in the stream and has a greater offset was read after it, so a position beyond a commit's offset covers it.
/// </summary>
internal sealed class CommitPositions
{
    private readonly Lock gate = new();
    private readonly Queue<(long Offset, ulong End)> commits = [];
    private bool isInTransaction;
    private long delivered;

    /// <summary>Notes a delivered message.</summary>
    public void Delivered() => Interlocked.Increment(ref delivered);

    public void Begin()
    {
        lock (gate) isInTransaction = true;
    }

    public void Commit(long offset, ulong end)
    {
        lock (gate)
        {
            isInTransaction = false;
            commits.Enqueue((offset, end));
        }
    }

    /// <summary>The end of the newest transaction that lies below a position, or 0 where there is none.</summary>
    public ulong Durable(long position)
    {
        lock (gate)
        {
            ulong end = 0;
            while (commits.TryPeek(out var commit) && commit.Offset < position) end = commits.Dequeue().End;
            return end;
        }
    }

    /// <summary>Whether everything that was received is durable.</summary>
    /// <param name="received">How many messages were received.</param>
    public bool IsIdle(long received)
    {
        lock (gate) return !isInTransaction && commits.Count == 0 && Interlocked.Read(ref delivered) == received;
    }
}
