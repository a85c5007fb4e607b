namespace Cdc;

/// <summary>Delivers messages and is told how far they are done with: Kafka, a replication slot, a capture file.</summary>
public interface IChangeSource : IAsyncDisposable
{
    /// <summary>
    /// Delivers messages until the source ends or is cancelled. Every message is delivered at least once;
    /// the messages of one partition keep their order. While nothing comes, an empty batch is delivered at least once a second.
    /// </summary>
    /// <param name="cancellationToken">Ends the delivery.</param>
    /// <exception cref="CdcException">The source cannot go on.</exception>
    IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Notes that everything below the checkpoints is durable and need not be delivered again.</summary>
    /// <param name="checkpoints">At most one for each partition.</param>
    /// <param name="cancellationToken">Abandons the call; the positions may or may not be noted.</param>
    ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken);

    /// <summary>Reads one message again, for a dead letter.</summary>
    /// <param name="position">The partition and the message's own offset.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <returns>The message with bytes of its own, or null when it is gone or cannot be read again.</returns>
    ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken);
}
