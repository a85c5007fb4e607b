using System.Globalization;
using System.Runtime.CompilerServices;
using Cdc.Postgres.Internal.Protocol;
using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Internal.Snapshot;
using Cdc.Postgres.Internal.Stream;
using Npgsql;

namespace Cdc.Postgres;

/// <summary>
/// Reads a PostgreSQL database: first the rows that are there, then the changes of a replication slot, both at least once.
/// The slot is confirmed only up to what is durable, so that the server keeps what is not.
/// </summary>
/// <remarks>
/// The changes are the topic of the slot's name, each table's snapshot is one of its own. Read them with a <see cref="PostgresReader"/>.
/// One reader at a time: <see cref="ReadAsync"/>, <see cref="CommitAsync"/> and <see cref="DisposeAsync"/> are not called concurrently.
/// </remarks>
public sealed class PostgresChangeSource : IChangeSource
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMilliseconds(500);

    private readonly PostgresOptions options;
    private readonly ILedger ledger;
    private readonly TimeProvider time;
    private readonly NpgsqlDataSource data;
    private readonly SourcePreparation preparation;
    private readonly StreamBuffer buffer;
    private readonly CommitPositions commits = new();
    private readonly StreamedTransactions streamed = new();
    private readonly ReplicationPump pump;
    private SnapshotFeed? feed;
    private SourceHistory? history;
    private SourceHistory? changed;
    private long applied;
    private bool isStarted;

    /// <summary>Makes the source. It connects when it is read.</summary>
    /// <param name="options">What to read and how.</param>
    /// <param name="ledger">What is remembered beside the data: the pipeline's own. A slot that a ledger does not know of is moved to now, and every row is read.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public PostgresChangeSource(PostgresOptions options, ILedger ledger, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ledger);
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The PostgreSQL source's options are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.options = options;
        this.ledger = ledger;
        this.time = time ?? TimeProvider.System;
        var connectionString = options.ToConnectionString();
        data = NpgsqlDataSource.Create(connectionString);
        preparation = new SourcePreparation(data, connectionString, options.ToRequest());
        buffer = new StreamBuffer(options.MaxBufferedBytes);
        pump = new ReplicationPump(options, buffer, commits, VerifyAsync, Tell, this.time);
    }

    /// <summary>Raised for everything that an operator may want to read, on a thread of the source: return soon.</summary>
    public event Action<PostgresSourceEvent>? Happened;

    /// <summary>How far each snapshot of this process is.</summary>
    public IReadOnlyList<PostgresSnapshotProgress> SnapshotProgress => feed?.Progress ?? [];

    /// <summary>Bytes of changes received and not done with.</summary>
    public long BufferedBytes => buffer.Bytes;

    /// <summary>Why the source waits and tries again, or null while it does not.</summary>
    public string? Retrying => pump.Retrying ?? feed?.Retrying;

    /// <summary>Reads the rows of a table again, beside the changes and without a lock.</summary>
    /// <param name="schema">Its schema.</param>
    /// <param name="table">Its name.</param>
    /// <returns>False when it is not published, is being read, or the source does not read rows.</returns>
    public bool TryRepeatSnapshot(string schema, string table) => feed?.TryRepeat(schema, table) ?? false;

    /// <summary>Looks whether everything is there that the source needs. Nothing is changed.</summary>
    /// <param name="cancellationToken">Abandons the check.</param>
    /// <returns>All that was found, each with the SQL that mends it.</returns>
    public async Task<IReadOnlyList<PostgresFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await Preflight.RunAsync(connection, options.ToRequest(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the server what it keeps for the slot: with it its disk fills while the pipeline does not get on.</summary>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    public Task<PostgresSlotStatus> ReadSlotAsync(CancellationToken cancellationToken) => new SlotWatch(data, options.Slot, time).ReadAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The source was read before: make another.</exception>
    /// <exception cref="PostgresSourceException">The check found what cannot work, or the log is not the one that was read; the message names the way out.</exception>
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (isStarted) throw new InvalidOperationException("A PostgreSQL source is read once. Make another one.");
        isStarted = true;
        yield return await StartAsync(cancellationToken).ConfigureAwait(false);
        if (feed is not null)
        {
            await foreach (var batch in feed.ReadUntilCaughtUpAsync(cancellationToken).ConfigureAwait(false)) yield return batch;
        }

        pump.Start();
        var delivery = new StreamDelivery(options.Slot, streamed, feed, commits, DescribeAsync);
        Task<bool>? streamWait = null;
        Task? feedWait = null;
        StreamBatch? current = null;
        var next = 0;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isIdle = true;
                if (feed is not null && await feed.TryTakeAsync(cancellationToken).ConfigureAwait(false) is { } rows)
                {
                    isIdle = false;
                    yield return rows;
                }

                if (feed is not { HoldsStream: true } && (current is not null || buffer.TryTake(out current)))
                {
                    isIdle = false;
                    await RememberAsync(cancellationToken).ConfigureAwait(false);
                    next = await delivery.TakeAsync(current!, next, cancellationToken).ConfigureAwait(false);
                    yield return new SourceBatch(delivery.Messages);
                    if (next == current!.Count)
                    {
                        buffer.Return(current);
                        (current, next) = (null, 0);
                    }
                }

                if (!isIdle) continue;
                await pump.AdvanceAsync(cancellationToken).ConfigureAwait(false);
                streamWait ??= buffer.WaitAsync().AsTask();
                feedWait = feedWait is { IsCompleted: false } ? feedWait : feed?.WaitAsync(IdleTime, CancellationToken.None).AsTask() ?? Task.Delay(IdleTime, time, CancellationToken.None);
                await Task.WhenAny(feed is { HoldsStream: true } ? [feedWait] : [streamWait, feedWait]).WaitAsync(cancellationToken).ConfigureAwait(false);
                if (streamWait.IsCompleted)
                {
                    if (!await streamWait.ConfigureAwait(false)) yield break;
                    streamWait = null;
                }
                else
                {
                    yield return default;
                }
            }
        }
        finally
        {
            if (current is not null) buffer.Return(current);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The server is told the end of the newest transaction all of whose changes lie below the position.</remarks>
    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        feed?.Commit(checkpoints);
        foreach (var (topic, partition, position) in checkpoints)
        {
            if (topic != options.Slot || partition != 0) continue;
            Interlocked.Exchange(ref applied, position);
            if (commits.Durable(position) is > 0 and var end) await pump.ConfirmAsync(end, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The server gives no message twice on demand: always null.</remarks>
    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => new(default(SourceMessage?));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await pump.DisposeAsync().ConfigureAwait(false);
        while (buffer.TryTake(out var batch)) buffer.Return(batch!);
        if (feed is not null) await feed.DisposeAsync().ConfigureAwait(false);
        await data.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<SourceBatch> StartAsync(CancellationToken cancellationToken)
    {
        var entries = await LedgerWriter.ReadAsync(ledger, time, cancellationToken).ConfigureAwait(false);
        var prepared = await PrepareAsync(entries, cancellationToken).ConfigureAwait(false);
        foreach (var finding in prepared.Findings) Tell(new PostgresSourceEvent(PostgresSourceEventKind.Finding, finding.ToString()) { Finding = finding });
        history = prepared.History;
        var mine = entries.Where(e => e.Partition.Topic == options.Slot && e.Partition.Partition == 0).ToList();
        var same = mine.Find(e => e.TopicId == history.System);
        var reader = new PostgresReader();
        var state = same?.ReaderState ?? reader.DeriveState([.. mine.Select(e => e.ReaderState).OfType<string>()], isNewTopic: mine.Count > 0);
        state = reader.DeriveState([state ?? "0", options.LeastEpoch.ToString(CultureInfo.InvariantCulture)], isNewTopic: false);
        applied = same?.Partition.Position ?? 0;
        if (options.Snapshot)
        {
            // A transaction that an earlier run streamed may still be invisible.
            await SnapshotSession.DrawIdAsync(data, cancellationToken).ConfigureAwait(false);
            streamed.Begin(await SnapshotSession.LookAsync(data, cancellationToken).ConfigureAwait(false));
            feed = new SnapshotFeed(data, new SnapshotSettings(options.Slot, options.Publication) { Connections = options.SnapshotConnections, ReaderState = state }, ledger, streamed, time);
            feed.Begin(prepared.Snapshots);
        }
        else if (prepared.Snapshots.Remember is { } entry)
        {
            await LedgerWriter.WriteAsync(ledger, [entry], time, cancellationToken).ConfigureAwait(false);
        }

        return new SourceBatch(default, [new PartitionChange(PartitionChangeKind.Assigned, new Checkpoint(options.Slot, 0, (long)prepared.Position), state, history.System)]);
    }

    private async Task<PreparedSource> PrepareAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            return await preparation.RunAsync(entries, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException && !cancellationToken.IsCancellationRequested)
        {
            throw new PostgresSourceException($"The database cannot be read: {ServerFailure.Describe(failure)}.", ServerFailure.IsTransient(failure), failure);
        }
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var now = await preparation.VerifyAsync(history!, (ulong)Interlocked.Read(ref applied), cancellationToken).ConfigureAwait(false);
        if (now == history) return;
        history = now;
        Volatile.Write(ref changed, now);
    }

    // Before anything of a promoted server is delivered: else its positions would look like those of a log that lost its end.
    private async ValueTask RememberAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref changed, null) is { } now) await LedgerWriter.WriteAsync(ledger, [now.Entry(options.Slot)], time, cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> DescribeAsync(Relation relation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                return await RelationDescriber.DescribeAsync(connection, relation, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException failure) when (ServerFailure.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                Tell(new PostgresSourceEvent(PostgresSourceEventKind.Reconnecting, $"The catalog is asked again: {ServerFailure.Describe(failure)}"));
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Tell(PostgresSourceEvent happened) => Happened?.Invoke(happened);
}
