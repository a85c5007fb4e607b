using Cdc.Postgres.Internal.Setup;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>The snapshot of one table while it is made: which ranges are read, which are durable. Workers and the loop use it at once.</summary>
internal sealed class TableRun
{
    private readonly Lock gate = new();
    private readonly TableId id;
    private readonly HashSet<int> read = [];
    private readonly HashSet<int> durable = [];
    private readonly HashSet<int> needed = [];
    private readonly TimeProvider time;
    private int sessions;
    private long rows;
    private long started;
    private long ended;
    private bool isFinished;

    /// <param name="plan">The plan.</param>
    /// <param name="table">The table as it is now.</param>
    /// <param name="names">The quoted names of the planned relations.</param>
    /// <param name="finished">Partitions that an earlier run finished.</param>
    /// <param name="id">The table's id in events.</param>
    /// <param name="time">The clock.</param>
    public TableRun(SnapshotPlan plan, PublishedTable table, IReadOnlyDictionary<uint, string> names, IEnumerable<int> finished, TableId id, TimeProvider time)
    {
        Plan = plan;
        Table = table;
        Names = names;
        Relation = table.Relation;
        this.id = id;
        this.time = time;
        read.UnionWith(finished);
        durable.UnionWith(read);
    }

    public SnapshotPlan Plan { get; }

    public PublishedTable Table { get; }

    public IReadOnlyDictionary<uint, string> Names { get; }

    public byte[] Relation { get; }

    /// <summary>Whether the stream waits until it is durable, and events below the plan's version are dropped.</summary>
    public bool HoldsStream { get; init; }

    /// <summary>The transaction that is waited for, or 0.</summary>
    public ulong WaitsFor { get; set; }

    /// <summary>Whether every row is durable and the ledger knows.</summary>
    public bool IsFinished
    {
        get
        {
            lock (gate) return isFinished;
        }
    }

    public PostgresSnapshotProgress Progress
    {
        get
        {
            lock (gate)
            {
                var state = isFinished ? PostgresSnapshotState.Finished
                    : Remaining == 0 ? PostgresSnapshotState.Read
                    : started == 0 ? PostgresSnapshotState.Waiting : PostgresSnapshotState.Reading;
                var seconds = started == 0 ? 0 : time.GetElapsedTime(started, ended == 0 ? time.GetTimestamp() : ended).TotalSeconds;
                var estimated = Table.Table.EstimatedRows;
                return new PostgresSnapshotProgress(
                    id, state, rows, estimated < 0 ? null : (long)estimated, Plan.RangeCount, durable.Count(IsPlanned), seconds > 0 ? rows / seconds : 0, WaitsFor == 0 ? null : WaitsFor);
            }
        }
    }

    /// <summary>The ranges to read in a session.</summary>
    /// <param name="isFirst">Whether the session is the one of the plan's floor: later ones look at what changed in the blocks read before.</param>
    public IReadOnlyList<SnapshotRange> Remains(bool isFirst)
    {
        lock (gate)
        {
            var ranges = Plan.Ranges().Where(r => !read.Contains(r.Partition)).ToList();
            if (isFirst || !Table.Table.MayLeaveValuesOut || !read.Any(IsPlanned)) return ranges;

            // Each session has partitions of its own for it: what is still made durable of the session before is not taken for this one's.
            needed.Clear();
            var partition = Plan.FirstPartition + Plan.RangeCount + (sessions++ % SnapshotPlan.Sessions * Plan.Relations.Length);
            foreach (var relation in Plan.Relations)
            {
                read.Remove(partition);
                durable.Remove(partition);
                needed.Add(partition);
                ranges.Add(new SnapshotRange(partition++, relation.Oid, 0, null) { ChangedSince = Plan.Floor });
            }

            return ranges;
        }
    }

    /// <summary>Notes that a range is begun.</summary>
    public void Begin()
    {
        lock (gate)
        {
            if (started == 0) started = time.GetTimestamp();
        }
    }

    public void Count(int more) => Interlocked.Add(ref rows, more);

    /// <summary>Notes that the last message of a range was handed on.</summary>
    public void Ended(SnapshotRange range)
    {
        lock (gate)
        {
            read.Add(range.Partition);
            if (Remaining == 0) ended = time.GetTimestamp();
        }
    }

    /// <summary>Notes that a range is durable to its end.</summary>
    public void Committed(int partition)
    {
        lock (gate) durable.Add(partition);
    }

    /// <summary>Whether every range is durable.</summary>
    public bool IsDurable
    {
        get
        {
            lock (gate) return IsComplete;
        }
    }

    public void Finish()
    {
        lock (gate) isFinished = true;
    }

    private int Remaining => Plan.RangeCount - read.Count(IsPlanned) + needed.Count(p => !read.Contains(p));

    private bool IsComplete => durable.Count(IsPlanned) == Plan.RangeCount && needed.All(durable.Contains);

    private bool IsPlanned(int partition) => partition >= Plan.FirstPartition && partition < Plan.FirstPartition + Plan.RangeCount;
}
