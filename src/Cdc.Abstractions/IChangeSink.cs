namespace Cdc;

/// <summary>
/// Applies changes. Applying a change twice, or a late one after a newer one, leaves the target as if each had been applied
/// once and in order; so a caller may repeat anything after any failure.
/// </summary>
/// <remarks>A sink is used by one caller at a time.</remarks>
public interface IChangeSink : IAsyncDisposable
{
    /// <summary>Takes a change. It is encoded before the call returns; the sink keeps no reference to it.</summary>
    /// <param name="change">The change.</param>
    /// <returns>False when the sink must first make room or prepare the table: call <see cref="PrepareAsync"/>, then again.</returns>
    /// <exception cref="ChangeFormatException">A value is not what its type says; nothing of the row is kept.</exception>
    /// <exception cref="ValueRefusedException">The target cannot hold a value exactly; nothing of the row is kept.</exception>
    /// <exception cref="TableStoppedException">The table is stopped; nothing of the row is kept and its position must not be committed.</exception>
    bool TryAppend(ChangeEvent change);

    /// <summary>Makes room, or creates or alters the table, until <see cref="TryAppend"/> can take the change.</summary>
    /// <param name="change">The change that was not taken.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <exception cref="TableStoppedException">The table cannot take the change.</exception>
    ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken);

    /// <summary>Hears that a transaction of the source began or ended behind the changes taken so far: for sinks that tell of them. It neither waits nor throws.</summary>
    /// <param name="at">The message that said so.</param>
    void EndTransaction(Checkpoint at)
    {
    }

    /// <summary>Completes when every row taken so far is durable, or is in the result as refused or held.</summary>
    /// <param name="cancellationToken">Abandons the call; some rows may be stored.</param>
    /// <exception cref="ChangeSinkException">The target cannot be used at all.</exception>
    ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken);

    /// <summary>Removes every row of a table that is older than a truncate, whenever it arrives. Completes when that is durable.</summary>
    /// <param name="truncate">The truncate.</param>
    /// <param name="cancellationToken">Abandons the call; it may be repeated.</param>
    /// <exception cref="TableStoppedException">The sink or the table cannot do that.</exception>
    ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken) =>
        throw new TableStoppedException(truncate.Shape.Table, "the source truncated it, which this sink cannot repeat. Empty the target's table yourself, then run with Truncate = Ignore");
}
