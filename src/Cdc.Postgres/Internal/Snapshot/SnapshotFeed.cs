using System.Threading.Channels;
using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// The snapshots of a source: first those that the stream waits for, then, beside it, those of tables that were added and of tables
/// that are asked for again. The source takes batches from here and mixes them with the stream's.
/// </summary>
/// <remarks>
/// <see cref="TryTakeAsync"/>, <see cref="Commit"/>, <see cref="Gate"/>, <see cref="HoldsStream"/> and <see cref="LogicalMessage"/> belong to the
/// source's own flow, one at a time; reading goes on in the background. The ledger is written in that flow only. The source's loop is:
/// <see cref="Begin"/>; deliver <see cref="ReadUntilCaughtUpAsync"/>; start the stream; then in turns deliver what <see cref="TryTakeAsync"/> gives, and, while
/// not <see cref="HoldsStream"/>, a batch of the stream that ends at the first message for which <see cref="LogicalMessage"/> is true. Every BEGIN goes to
/// <see cref="StreamedTransactions.Add"/> before its changes are delivered; a change that <see cref="Gate"/> drops is not delivered.
/// </remarks>
internal sealed class SnapshotFeed : IAsyncDisposable
{
    private readonly Channel<SnapshotBatch> batches;
    private readonly CancellationTokenSource stop = new();
    private readonly SnapshotScheduler scheduler;
    private readonly ILedger? ledger;
    private readonly TimeProvider time;
    private readonly SnapshotTables tables;
    private readonly List<PartitionChange> revoked = [];
    private readonly HashSet<(string Topic, int Partition)> assigned = [];
    private SnapshotBatch? lent;
    private bool isDisposed;
    private Task work = Task.CompletedTask;

    /// <param name="data">Connections without a command timeout: a COPY that skips many rows is silent for long.</param>
    /// <param name="settings">What is read and how.</param>
    /// <param name="ledger">What remembers which ranges are durable; null reads everything again at every start.</param>
    /// <param name="streamed">The transactions that the stream delivered.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    public SnapshotFeed(NpgsqlDataSource data, SnapshotSettings settings, ILedger? ledger, StreamedTransactions streamed, TimeProvider? time = null)
    {
        this.ledger = ledger;
        this.time = time ?? TimeProvider.System;
        batches = Channel.CreateBounded<SnapshotBatch>(new BoundedChannelOptions((2 * settings.Connections) + 1) { SingleReader = true });
        tables = new SnapshotTables();
        scheduler = new SnapshotScheduler(data, settings, batches.Writer, tables, streamed, this.time);
    }

    /// <summary>Whether every snapshot that the stream must wait for was delivered.</summary>
    public bool IsCaughtUp => scheduler.IsCaughtUp;

    /// <summary>Whether nothing of the stream may be delivered now: the table that it would change is not there yet.</summary>
    public bool HoldsStream => tables.HoldsStream;

    /// <summary>Why reading waits and tries again, or null while it does not.</summary>
    public string? Retrying => scheduler.Retrying;

    /// <summary>How far each snapshot of this process is.</summary>
    public IReadOnlyList<PostgresSnapshotProgress> Progress => tables.Progress;

    /// <summary>Begins with what is left to read.</summary>
    /// <param name="start">Where the slot stands and what the ledger knows.</param>
    public void Begin(SnapshotStart start)
    {
        var token = stop.Token;
        work = Task.Run(() => scheduler.RunAsync(start, token), CancellationToken.None);
    }

    /// <summary>Reads a table again, beside the stream.</summary>
    /// <returns>False when it is not published, or is being read.</returns>
    public bool TryRepeat(string schema, string table) => scheduler.TryRepeat(schema, table);

    /// <summary>The gate of a table whose changes the stream brings. For one that nothing is known of, its snapshot begins.</summary>
    public TableGate Gate(uint table)
    {
        var gate = tables.Gate(table, out var isNew);
        if (isNew) scheduler.Look();
        return gate;
    }

    /// <summary>Takes a logical message of the stream.</summary>
    /// <returns>Whether it was one of this source's own marks: <see cref="HoldsStream"/> may have changed.</returns>
    public bool LogicalMessage(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content, ulong commit) => scheduler.Watermarks.Arrived(prefix, content, commit);

    /// <summary>The next batch, if one is ready. It is valid until the next call.</summary>
    /// <exception cref="CdcException">Reading failed for good.</exception>
    public async ValueTask<SourceBatch?> TryTakeAsync(CancellationToken cancellationToken)
    {
        lent?.Dispose();
        lent = null;
        await FinishAsync(cancellationToken).ConfigureAwait(false);
        if (revoked.Count > 0)
        {
            PartitionChange[] gone = [.. revoked];
            revoked.Clear();
            return new SourceBatch(ReadOnlyMemory<SourceMessage>.Empty, gone);
        }

        while (batches.Reader.TryRead(out var batch))
        {
            if (batch.Count > 0)
            {
                lent = batch;
                return batch.View(batch.Begins is { } begins && !assigned.Add((begins.Partition.Topic, begins.Partition.Partition)));
            }

            if (batch.Entries.Count > 0) await RememberAsync(batch.Entries, cancellationToken).ConfigureAwait(false);
            batch.Delivered?.Invoke();
            batch.Dispose();
        }

        if (work.IsFaulted) await work.ConfigureAwait(false);
        return null;
    }

    /// <summary>Waits until <see cref="TryTakeAsync"/> may have something, or for a while.</summary>
    public async ValueTask WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (work.IsFaulted) return;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(longest);
        await Task.WhenAny(batches.Reader.WaitToReadAsync(timeout.Token).AsTask(), work).ConfigureAwait(false);
        await timeout.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Everything that the stream waits for, with an empty batch at least every quarter of a second.</summary>
    public async IAsyncEnumerable<SourceBatch> ReadUntilCaughtUpAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryTakeAsync(cancellationToken).ConfigureAwait(false) is { } batch)
            {
                yield return batch;
                continue;
            }

            if (IsCaughtUp) yield break;
            await WaitAsync(TimeSpan.FromMilliseconds(250), cancellationToken).ConfigureAwait(false);
            if (batches.Reader.Count == 0) yield return default;
        }
    }

    /// <summary>Notes how far partitions are durable. Those of others are ignored.</summary>
    public void Commit(IReadOnlyList<Checkpoint> checkpoints)
    {
        foreach (var checkpoint in checkpoints)
        {
            if (checkpoint.Position <= RangeReader.EndOffset || !tables.Committed(checkpoint)) continue;
            assigned.Remove((checkpoint.Topic, checkpoint.Partition));
            revoked.Add(new PartitionChange(PartitionChangeKind.Revoked, checkpoint));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            // A dead network may hold a reading thread until the connection's keep-alive gives up.
            await work.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever takes batches was told, or does not want to know any more.
        }

        lent?.Dispose();
        while (batches.Reader.TryRead(out var batch)) batch.Dispose();
        stop.Dispose();
    }

    private async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (tables.TakeDurable() is not { Count: > 0 } durable) return;
        await RememberAsync([.. durable.Select(r => (r.Plan with { IsFinished = true }).Entry)], cancellationToken).ConfigureAwait(false);
        foreach (var run in durable) run.Finish();
    }

    private async ValueTask RememberAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        if (ledger is not null) await LedgerWriter.WriteAsync(ledger, entries, time, cancellationToken).ConfigureAwait(false);
    }
}
