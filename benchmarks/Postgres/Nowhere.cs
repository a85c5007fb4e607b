namespace Cdc.Benchmarks.Postgres;

/// <summary>A sink that counts the changes of the one table: each was read, and nothing is done with it.</summary>
internal sealed class Nowhere : IChangeSink
{
    private long waiting;
    private TableId table;

    public bool TryAppend(ChangeEvent change)
    {
        if (waiting++ == 0) table = change.Shape.Table;
        return true;
    }

    public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => default;

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        var result = waiting == 0 ? FlushResult.Empty : new FlushResult([new TableFlush(table, waiting, 0, 0, 1)], [], []);
        waiting = 0;
        return new(result);
    }

    public ValueTask DisposeAsync() => default;
}
