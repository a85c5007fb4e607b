namespace Cdc.EndToEnd.Tests.Same;

/// <summary>A transaction of the source.</summary>
/// <param name="Id">Its id.</param>
/// <param name="End">The end of its commit record in the log.</param>
internal readonly record struct SourceTransaction(string Id, ulong End);

/// <summary>What one way out of a database told of it, in the order of delivery.</summary>
internal sealed class SourceEvents
{
    /// <summary>The changes, each a copy of its own.</summary>
    public List<ChangeEvent> Changes { get; } = [];

    /// <summary>The transactions that had an event, in the order of their commits.</summary>
    public List<SourceTransaction> Transactions { get; } = [];

    /// <summary>What was refused by name.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>How many logical messages came.</summary>
    public int LogicalMessages { get; set; }

    public IEnumerable<ChangeEvent> Streamed => Changes.Where(c => !c.IsSnapshot);

    public IEnumerable<ChangeEvent> Snapshot => Changes.Where(c => c.IsSnapshot);

    /// <summary>Reads one message, and keeps what it is.</summary>
    public MessageKind Read(IChangeReader reader, in SourceMessage message, ChangeEvent change)
    {
        try
        {
            var kind = reader.Read(in message, change);
            if (kind == MessageKind.LogicalMessage) LogicalMessages++;
            if (kind == MessageKind.Change) Changes.Add(change.Detach());
            return kind;
        }
        catch (ValueRefusedException refused)
        {
            Refusals.Add($"{refused.Table}.{refused.Column}: {refused.Reason}");
            return MessageKind.Notification;
        }
    }

    /// <summary>The transaction of a change: Debezium's id has the change's own position behind a colon.</summary>
    public static string TransactionOf(ChangeEvent change) => System.Text.Encoding.UTF8.GetString(change.TransactionId.Span).Split(':')[0];
}
