namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>What became of a table's rows since the last flush, and whether it is well. Inserts under way and the caller share it.</summary>
internal sealed class TableState(TableId table, StreamNames streams, TimeProvider time, Action<ClickHouseTableStatus> changed)
{
    private readonly Lock gate = new();
    private readonly List<RowRejection> rejected = [];
    private readonly Dictionary<int, long> firstHeld = [];
    private TableStoppedException? stopped;
    private string? lastError;
    private DateTimeOffset? retryingSince;
    private long applied;
    private long superseded;
    private long fenced;
    private long bytes;
    private int inserts;
    private long heldRows;
    private bool reported;

    public TableId Table => table;

    public TableStoppedException? Stopped => Volatile.Read(ref stopped);

    public ClickHouseTableStatus Status
    {
        get
        {
            lock (gate) return new ClickHouseTableStatus(table, retryingSince is not null, retryingSince, lastError, stopped?.Reason);
        }
    }

    public void Applied(int rows, long sent)
    {
        bool recovered;
        lock (gate)
        {
            applied += rows;
            bytes += sent;
            inserts++;
            recovered = retryingSince is not null;
            retryingSince = null;
            lastError = null;
        }

        if (recovered) changed(Status);
    }

    public void Superseded(int rows)
    {
        lock (gate) superseded += rows;
    }

    public void Fenced()
    {
        lock (gate) fenced++;
    }

    public void Retrying(string error)
    {
        bool first;
        lock (gate)
        {
            first = retryingSince is null;
            retryingSince ??= time.GetUtcNow();
            lastError = error;
        }

        if (first) changed(Status);
    }

    public void Recovered()
    {
        lock (gate)
        {
            if (retryingSince is null) return;
            retryingSince = null;
            lastError = null;
        }

        changed(Status);
    }

    public void Reject(RowOrigin origin, string? column, DeadLetterReason reason, string detail)
    {
        lock (gate) rejected.Add(new RowRejection(table, streams.Checkpoint(origin), column, reason, detail));
    }

    public void Hold(RowOrigin origin)
    {
        lock (gate)
        {
            heldRows++;
            firstHeld[origin.Stream] = firstHeld.TryGetValue(origin.Stream, out var first) ? Math.Min(first, origin.Offset) : origin.Offset;
        }
    }

    public void Stop(string reason, Exception? cause = null)
    {
        lock (gate)
        {
            if (stopped is not null) return;
            retryingSince = null;
            lastError ??= cause?.Message;
            Volatile.Write(ref stopped, new TableStoppedException(table, reason, cause));
        }

        changed(Status);
    }

    /// <summary>Moves what happened since the last flush into a result.</summary>
    public void Collect(List<TableFlush> flushes, List<RowRejection> rejections, List<TableStop> stops)
    {
        lock (gate)
        {
            if (applied + superseded + fenced + inserts > 0) flushes.Add(new TableFlush(table, applied, superseded, bytes, inserts, fenced));
            rejections.AddRange(rejected);
            if (stopped is not null && (!reported || heldRows > 0)) stops.Add(new TableStop(stopped, heldRows, [.. firstHeld.Select(h => streams.Checkpoint(new RowOrigin(h.Key, h.Value)))]));
            reported |= stopped is not null;
            rejected.Clear();
            firstHeld.Clear();
            applied = superseded = fenced = bytes = heldRows = inserts = 0;
        }
    }
}
