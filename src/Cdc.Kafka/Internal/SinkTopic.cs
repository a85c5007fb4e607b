namespace Cdc.Kafka.Internal;

/// <summary>What became of a table's messages since the last flush.</summary>
internal sealed class SinkTopic(TableId table, string name)
{
    private readonly List<RowRejection> rejected = [];
    private readonly Dictionary<(string Topic, int Partition), long> held = [];
    private long applied;
    private long bytes;
    private long stoppedRows;

    public string Name => name;

    public TableStoppedException? Stopped { get; private set; }

    /// <summary>As Debezium names them: odd characters become <c>_</c>.</summary>
    public static string NameOf(string prefix, TableId table) => string.Concat($"{prefix}.{table.Namespace}.{table.Name}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'));

    public void Applied(int size, bool counts)
    {
        if (counts) applied++;
        bytes += size;
    }

    public void Reject(Checkpoint origin, string why) => rejected.Add(new RowRejection(table, origin, null, DeadLetterReason.TargetRefused, why));

    public void Stop(Checkpoint origin, string why)
    {
        Stopped ??= new TableStoppedException(table, why);
        stoppedRows++;
        held[(origin.Topic, origin.Partition)] = Math.Min(held.GetValueOrDefault((origin.Topic, origin.Partition), long.MaxValue), origin.Position);
    }

    /// <summary>Hands over and forgets.</summary>
    public void Collect(List<TableFlush> flushes, List<RowRejection> rejections, List<TableStop> stops)
    {
        if (applied > 0) flushes.Add(new TableFlush(table, applied, 0, bytes, 1));
        rejections.AddRange(rejected);
        if (stoppedRows > 0) stops.Add(new TableStop(Stopped!, stoppedRows, [.. held.Select(h => new Checkpoint(h.Key.Topic, h.Key.Partition, h.Value))]));
        rejected.Clear();
        held.Clear();
        (applied, bytes, stoppedRows) = (0, 0, 0);
    }
}
