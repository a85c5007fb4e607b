namespace Cdc;

/// <summary>
/// Remembers, beside the data in the target, how far each partition was applied and what its reader had to know there:
/// so that a replay stamps the same versions, and a lost or foreign consumer group is noticed.
/// </summary>
public interface ILedger
{
    /// <summary>All that is remembered.</summary>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <exception cref="CdcException">The ledger cannot be read.</exception>
    ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the entries are durable. The later entry of a partition replaces the earlier one.</summary>
    /// <param name="entries">At most one for each partition.</param>
    /// <param name="cancellationToken">Abandons the call; some entries may be kept.</param>
    /// <exception cref="CdcException">The ledger cannot be written.</exception>
    ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken);
}

/// <summary>What a <see cref="ILedger"/> remembers of a partition.</summary>
/// <param name="Partition">The partition and the position below which everything is durable.</param>
/// <param name="TopicId">The topic's own id, which differs when a topic of the same name is created anew; empty where the source has none.</param>
/// <param name="ReaderState">What the reader must know to go on at the position; null where it keeps nothing.</param>
public sealed record LedgerEntry(Checkpoint Partition, string TopicId, string? ReaderState);
