using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>A row that cannot be encoded before the target was asked for values that its message does not carry.</summary>
/// <param name="Change">The change, detached.</param>
/// <param name="Binding">Its table and shape.</param>
/// <param name="Origin">Where it came from.</param>
internal sealed record WaitingRow(ChangeEvent Change, TableBinding Binding, RowOrigin Origin);

/// <summary>
/// The rows of one table with values that were not sent. Once every earlier block is stored, each takes them from the greatest
/// stored version below its own, or from an earlier row that waits here too.
/// </summary>
internal sealed class WaitingRows(WriterContext context)
{
    private const int MaxRows = 10_000;
    private const int RowOverhead = 256;
    private readonly List<WaitingRow> rows = [];

    public long Bytes { get; private set; }

    public bool IsFull => rows.Count >= MaxRows || Bytes >= context.Options.MaxBlockBytes;

    public void Add(ChangeEvent change, TableBinding binding, RowOrigin origin)
    {
        var size = Size(change);
        Bytes += size;
        context.Buffered(size);
        rows.Add(new WaitingRow(change, binding, origin));
    }

    public void Hold(TableState state)
    {
        foreach (var row in rows) state.Hold(row.Origin);
        Remove(rows.Count);
    }

    /// <summary>Moves rows into open blocks, with the values that the target holds. Every earlier row must be stored.</summary>
    /// <returns>Whether there were any: their blocks must be sent, and there may be more.</returns>
    public async Task<bool> ResolveAsync(TableState state, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return false;
        rows.Sort(static (a, b) => a.Change.Version.CompareTo(b.Change.Version));
        var binding = rows[0].Binding;
        var count = rows.FindIndex(r => !ReferenceEquals(r.Binding, binding));
        var chain = new RowChain(rows[..(count < 0 ? rows.Count : count)]);
        var backoff = new Backoff(context.Options.Retry, context.Time);
        while (true)
        {
            try
            {
                await chain.LookUpAsync(context.Server, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (ClickHouseServerException failure) when (failure.IsTransient)
            {
                state.Retrying(failure.Message);
                await backoff.WaitAsync(ErrorClass.Transient, failure.IsAway, null, cancellationToken).ConfigureAwait(false);
            }
            catch (ClickHouseServerException failure)
            {
                state.Stop($"the stored values of unchanged columns cannot be read ({failure.Message}); the writer needs SELECT on the table", failure);
                Hold(state);
                return false;
            }
        }

        // No waiting from here on: a cancelled flush leaves each row either here or in a block.
        state.Recovered();
        for (var i = 0; i < chain.Count; i++) Append(chain, i, state);
        Remove(chain.Count);
        return true;
    }

    private void Append(RowChain chain, int row, TableState state)
    {
        var (_, binding, origin) = chain[row];
        if (chain.IsSuperseded(row))
        {
            state.Superseded(1);
            return;
        }

        if (chain.FirstMissing(row) is { } column)
        {
            state.Reject(origin, column, DeadLetterReason.UnavailableValue,
                $"{state.Table}.{column} is unchanged and was not sent, and the target holds no earlier version of the row. Run ALTER TABLE … REPLICA IDENTITY FULL at the source, then send the row again (an update or a snapshot)");
            return;
        }

        var block = binding.OpenOrRent();
        var size = block.Bytes;
        try
        {
            binding.Layout.AppendResolved(block, chain, row);
        }
        catch (ValueRefusedException refused)
        {
            state.Reject(origin, refused.Column, DeadLetterReason.ValueRefused, refused.Message);
        }
        catch (ChangeFormatException malformed)
        {
            state.Reject(origin, null, DeadLetterReason.Malformed, malformed.Message);
        }

        context.Buffered(block.Bytes - size);
    }

    private void Remove(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var size = Size(rows[i].Change);
            Bytes -= size;
            context.Buffered(-size);
        }

        rows.RemoveRange(0, count);
    }

    // A detached event's images share one array.
    private static long Size(ChangeEvent change) => RowOverhead + Math.Max(change.After.Bytes.Length, change.Key.Bytes.Length);
}
