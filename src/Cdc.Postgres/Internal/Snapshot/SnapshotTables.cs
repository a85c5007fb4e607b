namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>What is known of each table: its gate and, while it is read, its run. The source's flow and the scheduler use it at once.</summary>
internal sealed class SnapshotTables
{
    private readonly Lock gate = new();
    private readonly Dictionary<uint, TableGate> gates = [];
    private readonly Dictionary<string, TableRun> runs = [];
    private readonly HashSet<TableRun> unfinished = [];
    private readonly HashSet<TableRun> holding = [];
    private readonly HashSet<uint> unpublished = [];
    private bool holdsAll;

    public bool HoldsStream
    {
        get
        {
            lock (gate) return holdsAll || holding.Count > 0;
        }
    }

    public IReadOnlyList<PostgresSnapshotProgress> Progress
    {
        get
        {
            lock (gate) return [.. runs.Values.Select(r => r.Progress).OrderBy(p => p.Table.ToString(), StringComparer.Ordinal)];
        }
    }

    /// <summary>The tables whose snapshot was begun and that are published since.</summary>
    public HashSet<uint> Known
    {
        get
        {
            lock (gate) return [.. gates.Where(g => !g.Value.Drops(ulong.MaxValue - 1) && !unpublished.Contains(g.Key)).Select(g => g.Key)];
        }
    }

    public TableGate Gate(uint table, out bool isNew)
    {
        lock (gate)
        {
            isNew = !gates.TryGetValue(table, out var found);
            if (found is null) gates[table] = found = TableGate.Pending();
            return found;
        }
    }

    /// <summary>Notes that a table is or will be read under a version: changes below it are dropped.</summary>
    public void Open(uint table, ulong version)
    {
        Gate(table, out _).Set(version);
        lock (gate) unpublished.Remove(table);
    }

    /// <summary>Notes that a table is not published any more: should it come back, changes are missing and it is read anew.</summary>
    public void Unpublish(uint table)
    {
        lock (gate) unpublished.Add(table);
    }

    /// <summary>Holds the stream until it is known which tables it must wait for.</summary>
    public void HoldAll(bool holds)
    {
        lock (gate) holdsAll = holds;
    }

    public void Begin(IReadOnlyList<TableRun> begun)
    {
        lock (gate)
        {
            foreach (var run in begun)
            {
                runs[run.Plan.Topic] = run;
                unfinished.Add(run);
                if (run.HoldsStream) holding.Add(run);
            }
        }
    }

    /// <summary>Notes that all rows of the runs were delivered: what follows in the stream may be delivered behind them.</summary>
    public void Delivered(IReadOnlyList<TableRun> delivered)
    {
        lock (gate) holding.ExceptWith(delivered);
    }

    /// <summary>Whether a table is being read.</summary>
    public bool IsReading(string topic)
    {
        lock (gate) return runs.TryGetValue(topic, out var run) && !run.IsFinished;
    }

    /// <summary>Notes that a range is durable to its end.</summary>
    /// <returns>Whether it is one of a snapshot.</returns>
    public bool Committed(Checkpoint end)
    {
        lock (gate)
        {
            if (!runs.TryGetValue(end.Topic, out var run)) return false;
            run.Committed(end.Partition);
            return true;
        }
    }

    /// <summary>The runs whose ranges are all durable and that were not taken before.</summary>
    public IReadOnlyList<TableRun> TakeDurable()
    {
        lock (gate)
        {
            if (unfinished.Count == 0) return [];
            var durable = unfinished.Where(r => r.IsDurable).ToList();
            unfinished.ExceptWith(durable);
            return durable;
        }
    }
}
