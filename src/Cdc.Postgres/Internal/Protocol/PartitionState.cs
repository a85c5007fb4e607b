using System.Buffers.Text;

namespace Cdc.Postgres.Internal.Protocol;

/// <summary>What the reader knows of a partition: the relations it has met and the transaction it is in.</summary>
internal sealed class PartitionState
{
    private readonly byte[] transaction = new byte[10];
    private readonly Dictionary<uint, TableBinding> relations = [];
    private TableBinding? last;
    private int transactionLength;

    public byte Epoch { get; set; }

    /// <summary>The final LSN of the transaction; in a snapshot the LSN of its version.</summary>
    public ulong Commit { get; set; }

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public long Time { get; set; }

    public ReadOnlyMemory<byte> Transaction => transaction.AsMemory(0, transactionLength);

    public bool IsInTransaction { get; set; }

    public void Begin(ulong commit, long time, uint id)
    {
        (Commit, Time, IsInTransaction) = (commit, time, true);
        Utf8Formatter.TryFormat(id, transaction, out transactionLength);
    }

    public void Set(TableBinding binding)
    {
        relations[binding.Relation.Oid] = binding;
        last = binding;
    }

    /// <summary>The only relation of a snapshot's range.</summary>
    public TableBinding Only => last ?? throw new ProtocolProblem("a row came before its relation");

    public TableBinding Get(uint oid)
    {
        if (last?.Relation.Oid == oid) return last;
        return last = relations.TryGetValue(oid, out var binding) ? binding : throw new ProtocolProblem("a change came before its relation: read the slot from its beginning, as this package's source does");
    }
}
