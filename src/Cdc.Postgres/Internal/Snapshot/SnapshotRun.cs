using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Reads some tables: several connections take one range after the other, all in one session's snapshot.</summary>
/// <remarks>When the session breaks, another is opened that sees at least as much, and what was not read to its end is read again.</remarks>
internal sealed class SnapshotRun(ChannelWriter<SnapshotBatch> output, int connections, string? readerState, TimeProvider time, Action<string?> tellRetry)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Completes when every range was handed on.</summary>
    /// <param name="tables">The tables, in their order.</param>
    /// <param name="session">The session to begin with; it is disposed.</param>
    /// <param name="isFirst">Whether it is the one that the plans were made in.</param>
    /// <param name="reopen">Opens another session once that one is broken, or throws when the tables cannot be read on.</param>
    /// <param name="cancellationToken">Abandons the run.</param>
    public async Task ReadAsync(IReadOnlyList<TableRun> tables, SnapshotSession session, bool isFirst, Func<CancellationToken, Task<SnapshotSession>> reopen, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromMilliseconds(200);
        SnapshotSession? current = session;
        while (true)
        {
            try
            {
                current ??= await reopen(cancellationToken).ConfigureAwait(false);
                await ReadAsync(tables, current, isFirst, cancellationToken).ConfigureAwait(false);
                tellRetry(null);
                return;
            }
            catch (Exception failure) when (ServerFailure.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                tellRetry($"the snapshot's connection broke and is opened again: {ServerFailure.Describe(failure)}");
                isFirst = false;
            }
            finally
            {
                if (current is not null) await current.DisposeAsync().ConfigureAwait(false);
                current = null;
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, delay.Ticks * 2));
        }
    }

    private async Task ReadAsync(IReadOnlyList<TableRun> tables, SnapshotSession session, bool isFirst, CancellationToken cancellationToken)
    {
        var queue = new ConcurrentQueue<(TableRun Table, SnapshotRange Range)>(tables.SelectMany(t => t.Remains(isFirst).Select(r => (t, r))));
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, Math.Min(connections, queue.Count)).Select(_ => WorkAsync(session, queue, broken)).ToList();
        try
        {
            await Task.WhenAll(workers).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The failure that made the others stop tells more than that they were stopped.
            var failures = workers.Select(w => w.Exception?.InnerException).OfType<Exception>().ToList();
            var cause = failures.Find(e => !ServerFailure.IsTransient(e)) ?? failures.Find(e => e is not PostgresException { SqlState: PostgresErrorCodes.QueryCanceled });
            if (cause is not null) ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private async Task WorkAsync(SnapshotSession session, ConcurrentQueue<(TableRun Table, SnapshotRange Range)> queue, CancellationTokenSource broken)
    {
        // The first await leaves the caller's thread: reading is synchronous as long as rows are there.
        await Task.Yield();
        try
        {
            var connection = await session.OpenReaderAsync(broken.Token).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            var reader = new RangeReader(output, time);
            while (queue.TryDequeue(out var next))
            {
                var (table, range) = next;
                var head = new RangeHead(table.Plan.Topic, range.Partition, readerState, table.Relation, table.Plan.Version);
                table.Begin();
                await reader.ReadAsync(connection, range.Copy(table.Table, table.Names[range.Relation]), head, table.Count, broken.Token).ConfigureAwait(false);
                table.Ended(range);
            }
        }
        catch
        {
            // The others stop at once, so that the first failure is the one that is told.
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
