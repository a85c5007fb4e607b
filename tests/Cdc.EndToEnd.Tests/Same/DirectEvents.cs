using System.Buffers.Binary;
using System.Globalization;
using Cdc.Postgres;
using Cdc.TestSupport;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>Reads a slot to the end by Cdc.Postgres.</summary>
internal sealed class DirectEvents : IAsyncDisposable
{
    private readonly SourceEvents events = new();
    private readonly PostgresReader reader = new();
    private readonly PostgresChangeSource source;
    private readonly CancellationTokenSource stop = new(TimeSpan.FromMinutes(3));
    private readonly TaskCompletionSource snapshot = new();
    private readonly Task run;
    private readonly Func<ChangeEvent, bool> isLast;
    private readonly ChangeEvent change = new();
    private uint transaction;
    private bool isComplete;

    public DirectEvents(PostgresOptions options, Func<ChangeEvent, bool> isLast)
    {
        this.isLast = isLast;
        source = new PostgresChangeSource(options, new MemoryLedger());
        run = Task.Run(RunAsync);
    }

    /// <summary>Ends when the rows that were there are read.</summary>
    public Task SnapshotAsync() => Task.WhenAny(snapshot.Task, run).Unwrap();

    public async Task<SourceEvents> ToEndAsync()
    {
        await run;
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await source.DisposeAsync();
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        await foreach (var batch in source.ReadAsync(stop.Token))
        {
            foreach (var change in batch.Partitions)
            {
                if (change.Kind == PartitionChangeKind.Assigned) reader.RestoreState(change.Partition, change.State);
            }

            if (Take(batch.Messages.Span)) return;
            var ends = batch.Messages.ToArray().GroupBy(m => (m.Topic, m.Partition)).Select(g => new Checkpoint(g.Key.Topic, g.Key.Partition, g.Max(m => m.Offset) + 1)).ToList();
            await source.CommitAsync(ends, stop.Token);
            if (source.SnapshotProgress is { Count: > 0 } progress && progress.All(p => p.State == PostgresSnapshotState.Finished)) snapshot.TrySetResult();
        }
    }

    private bool Take(ReadOnlySpan<SourceMessage> messages)
    {
        foreach (ref readonly var message in messages)
        {
            var kind = events.Read(reader, in message, change);
            if (kind == MessageKind.Transaction) Note(message.Value!.Value.Span);
            isComplete |= kind == MessageKind.Change && isLast(change);
            if (isComplete && kind == MessageKind.Transaction) return true;
        }

        return false;
    }

    // Begin: final LSN, time, transaction. Commit: flags, its LSN, the end of the transaction.
    private void Note(ReadOnlySpan<byte> message)
    {
        if (message[0] == 'B') transaction = BinaryPrimitives.ReadUInt32BigEndian(message[17..]);
        if (message[0] == 'C') events.Transactions.Add(new SourceTransaction(transaction.ToString(CultureInfo.InvariantCulture), BinaryPrimitives.ReadUInt64BigEndian(message[10..])));
    }
}
