namespace Cdc;

/// <summary>What a pipeline did so far. Every message is counted once.</summary>
public sealed class PipelineReport
{
    private readonly SortedDictionary<string, TableReport> tables = new(StringComparer.Ordinal);
    private readonly Dictionary<MessageKind, long> skipped = [];

    /// <summary>The tables, by name.</summary>
    public IReadOnlyCollection<TableReport> Tables => tables.Values;

    /// <summary>Messages that are no change, by kind: skipped by rule.</summary>
    public IReadOnlyDictionary<MessageKind, long> Skipped => skipped;

    /// <summary>All messages read.</summary>
    public long Messages { get; internal set; }

    /// <summary>Messages that were put among the dead letters without a table being known.</summary>
    public long DeadLettersWithoutTable { get; internal set; }

    /// <summary>When the last flush completed, or null before the first.</summary>
    public DateTimeOffset? LastFlush { get; internal set; }

    /// <summary>Why the pipeline waits and tries again, or null while it does not.</summary>
    public string? Retrying { get; internal set; }

    /// <summary>Whether every message was applied or skipped by rule: no dead letter, no table stopped.</summary>
    public bool IsClean => DeadLettersWithoutTable == 0 && tables.Values.All(t => t.DeadLettered == 0 && t.Stopped is null);

    internal TableReport this[TableId table]
    {
        get
        {
            var name = table.ToString();
            if (!tables.TryGetValue(name, out var report)) tables[name] = report = new TableReport(table);
            return report;
        }
    }

    internal void Skip(MessageKind kind) => skipped[kind] = skipped.GetValueOrDefault(kind) + 1;
}

/// <summary>What a pipeline did to one table.</summary>
public sealed class TableReport
{
    internal TableReport(TableId table) => Table = table;

    /// <summary>The table.</summary>
    public TableId Table { get; }

    /// <summary>Rows that are durable in the target, deletes included.</summary>
    public long Applied { get; internal set; }

    /// <summary>Deletes among the changes that were taken.</summary>
    public long Deletes { get; internal set; }

    /// <summary>Rows left out because the target holds a newer version.</summary>
    public long Superseded { get; internal set; }

    /// <summary>Rows left out because a truncate is newer, and truncates themselves.</summary>
    public long Fenced { get; internal set; }

    /// <summary>Messages among the dead letters.</summary>
    public long DeadLettered { get; internal set; }

    /// <summary>Changes skipped because the options say so.</summary>
    public long Skipped { get; internal set; }

    /// <summary>Changes that wait because the table is stopped: they are not committed and come again.</summary>
    public long Held { get; internal set; }

    /// <summary>Requests that the target answered with success.</summary>
    public long Inserts { get; internal set; }

    /// <summary>Bytes sent.</summary>
    public long Bytes { get; internal set; }

    /// <summary>When the source committed the newest change that is durable: microseconds since 1970-01-01 UTC; 0 where unknown.</summary>
    public long NewestSourceTimestamp { get; internal set; }

    /// <summary>Why the table is stopped, or null.</summary>
    public string? Stopped { get; internal set; }
}
