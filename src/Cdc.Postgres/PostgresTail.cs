using System.Globalization;
using System.Runtime.CompilerServices;
using Cdc.Postgres.Internal.Protocol;
using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Internal.Snapshot;
using Cdc.Postgres.Internal.Stream;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;

namespace Cdc.Postgres;

/// <summary>
/// Shows the changes of a PostgreSQL database while they are committed, to look at: nothing is remembered, no position of a slot is confirmed, and nothing
/// is left behind. A pipeline reads with a <see cref="PostgresChangeSource"/>.
/// </summary>
/// <remarks>Read the messages with a <see cref="PostgresReader"/>.</remarks>
public sealed class PostgresTail : IAsyncDisposable
{
    private static readonly TimeSpan FeedbackInterval = TimeSpan.FromSeconds(10);

    private readonly PostgresOptions options;
    private readonly bool isTemporary;
    private readonly NpgsqlDataSource data;
    private readonly TailPreparation preparation;
    private readonly LogicalReplicationConnection replication;
    private Task<bool>? pending;

    /// <summary>Makes it. It connects when it is read.</summary>
    /// <param name="options">What to show.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public PostgresTail(PostgresTailOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        isTemporary = options.Slot is null;
        this.options = options.ToSource(options.Slot ?? string.Create(CultureInfo.InvariantCulture, $"cdc_tail_{Environment.ProcessId}_{Random.Shared.Next():x}"));
        var problems = this.options.Problems().ToList();
        if (options is { CreatePublication: true, Publication: null }) problems.Add($"{nameof(options.CreatePublication)} needs the name of the {nameof(options.Publication)}");
        if (problems.Count > 0) throw new ArgumentException($"The options are wrong: {string.Join("; ", problems)}.", nameof(options));
        var connectionString = this.options.ToConnectionString();
        data = NpgsqlDataSource.Create(connectionString);
        preparation = new TailPreparation(data, this.options.ToRequest(), options.Publication is not null);
        replication = new LogicalReplicationConnection(connectionString) { WalReceiverStatusInterval = FeedbackInterval };
    }

    /// <summary>Raised when everything committed from now on will be shown, with the publication's name.</summary>
    public event Action<string>? Started;

    /// <summary>The changes, until it is cancelled. A batch is valid until the next.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PostgresSourceException">Something is missing, with the SQL that mends it; or the connection broke, and what is committed meanwhile would be missing.</exception>
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await CallAsync(() => OpenAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        var stream = PgOutputStream.Start(replication, options.Slot, preparation.Publication, from: 0, stop.Token);
        var messages = stream.GetAsyncEnumerator(stop.Token);
        var commits = new CommitPositions();
        var delivery = new StreamDelivery(options.Slot, new StreamedTransactions(), null, commits, DescribeAsync);
        pending = messages.MoveNextAsync().AsTask();
        Started?.Invoke(preparation.Publication);
        try
        {
            while (await CallAsync(() => GatherAsync(messages, cancellationToken), cancellationToken).ConfigureAwait(false) is { } batch)
            {
                using (batch)
                {
                    await CallAsync(() => delivery.TakeAsync(batch, 0, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
                    yield return new SourceBatch(delivery.Messages);
                }

                commits.Durable(long.MaxValue);
                Confirm();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await messages.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection, with it a temporary slot, and drops a publication that this created.</summary>
    public async ValueTask DisposeAsync()
    {
        await replication.DisposeAsync().ConfigureAwait(false);
        try
        {
            await CallAsync(preparation.UndoAsync, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await data.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await preparation.RunAsync(cancellationToken).ConfigureAwait(false);
        await replication.Open(cancellationToken).ConfigureAwait(false);
        if (!isTemporary) return;

        // The slot's creation waits for every transaction that runs, however long.
        replication.CommandTimeout = Timeout.InfiniteTimeSpan;
        await replication.CreateLogicalReplicationSlot(options.Slot, "pgoutput", isTemporary: true, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.NoExport, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What came since the last time, or what comes next; null when the server ended the stream.</summary>
    private async Task<StreamBatch?> GatherAsync(IAsyncEnumerator<XLogDataMessage> messages, CancellationToken cancellationToken)
    {
        while (!pending!.IsCompleted)
        {
            await Task.WhenAny(pending, Task.Delay(FeedbackInterval, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            Confirm();
        }

        StreamBatch? batch = null;
        while (pending.IsCompleted && await pending.ConfigureAwait(false))
        {
            var message = messages.Current;
            var length = checked((int)message.Data.Length);
            if (batch is not null && !batch.HasRoomFor(length)) return batch;
            batch ??= new StreamBatch(length);
            await batch.AddAsync(message, length, cancellationToken).ConfigureAwait(false);
            pending = messages.MoveNextAsync().AsTask();
        }

        return batch;
    }

    // Lets the server drop its log behind a temporary slot. A slot of the user's stays where it is.
    private void Confirm()
    {
        if (isTemporary) replication.SetReplicationStatus(replication.LastReceivedLsn);
    }

    private async Task<byte[]> DescribeAsync(Relation relation, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await RelationDescriber.DescribeAsync(connection, relation, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CallAsync(Func<Task> call, CancellationToken cancellationToken) => await CallAsync(async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    }, cancellationToken).ConfigureAwait(false);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is NpgsqlException or IOException && !cancellationToken.IsCancellationRequested)
        {
            var used = failure is PostgresException { SqlState: PostgresErrorCodes.ObjectInUse } ? " A slot has one reader: leave the slot out for a temporary one." : "";
            throw new PostgresSourceException($"The changes cannot be shown: {ServerFailure.Describe(failure)}.{used}", ServerFailure.IsTransient(failure), failure);
        }
    }
}
