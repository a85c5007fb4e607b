using Cdc.Postgres.Internal.Setup;
using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>
/// Receives the slot's messages whatever the loop does, connects again when the connection breaks, and tells the server what is durable.
/// Npgsql answers the server's keep-alives by a timer of its own, also while nothing is received.
/// </summary>
internal sealed class ReplicationPump(
    PostgresOptions options, StreamBuffer buffer, CommitPositions commits, Func<CancellationToken, Task> verify, Action<PostgresSourceEvent> tell, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private LogicalReplicationConnection? connection;
    private Task work = Task.CompletedTask;
    private long received;
    private ulong durable;
    private ulong resume;
    private TimeSpan delay = ShortestDelay;

    public long Received => Interlocked.Read(ref received);

    public string? Retrying { get; private set; }

    public void Start()
    {
        var token = stop.Token;
        work = Task.Run(() => RunAsync(token), CancellationToken.None);
    }

    /// <summary>Tells the server that everything below a position is durable. What cannot be told now is told with the next connection.</summary>
    public async ValueTask ConfirmAsync(ulong position, CancellationToken cancellationToken)
    {
        LogicalReplicationConnection? to;
        lock (gate)
        {
            if (position <= durable) return;
            durable = position;
            to = connection;
        }

        if (to is null) return;
        try
        {
            to.SetReplicationStatus(new NpgsqlLogSequenceNumber(position));
            await to.SendStatusUpdate(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (ServerFailure.IsTransient(failure) || failure is InvalidOperationException)
        {
            // The connection broke: the receiving side notices, and the next one begins with this position.
        }
    }

    /// <summary>Lets an idle database's slot follow the log: when everything received is durable, so is what the server says it has read.</summary>
    public ValueTask AdvanceAsync(CancellationToken cancellationToken)
    {
        LogicalReplicationConnection? from;
        lock (gate) from = connection;
        if (from is null) return default;

        // First the position, then the counters: a message that comes between the two makes them differ.
        var position = (ulong)from.LastReceivedLsn;

        // Keep-alives alone come of an idle database.
        if (position > 0) Retrying = null;
        return commits.IsIdle(Received) ? ConfirmAsync(position, cancellationToken) : default;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await work.ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var isFirst = true;
        while (true)
        {
            try
            {
                if (!isFirst) await verify(cancellationToken).ConfigureAwait(false);
                isFirst = false;
                await ReceiveAsync(cancellationToken).ConfigureAwait(false);
                Retrying = "the server ended the stream";
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                buffer.Complete(null);
                return;
            }
            catch (PostgresException failure) when (!IsTransient(failure))
            {
                buffer.Complete(new PostgresSourceException($"The slot {options.Slot} cannot be read: {ServerFailure.Describe(failure)}. The check names the way out.", innerException: failure));
                return;
            }
            catch (Exception failure) when (ServerFailure.IsTransient(failure) || failure is CdcException { IsTransient: true })
            {
                Retrying = failure is CdcException ? failure.Message : ServerFailure.Describe(failure);
            }
            catch (Exception failure)
            {
                buffer.Complete(failure);
                return;
            }

            tell(new PostgresSourceEvent(PostgresSourceEventKind.Reconnecting, $"The stream of slot {options.Slot} is opened again: {Retrying}"));
            try
            {
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                buffer.Complete(null);
                return;
            }

            delay = TimeSpan.FromTicks(Math.Min(options.MaxReconnectDelay.Ticks, Random.Shared.NextInt64(ShortestDelay.Ticks, (delay.Ticks * 3) + 1)));
        }
    }

    // Another process still has the slot, or the server is restarting.
    private static bool IsTransient(PostgresException failure) => ServerFailure.IsTransient(failure) && failure.SqlState != PostgresErrorCodes.UndefinedObject;

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var opened = new LogicalReplicationConnection(options.ToConnectionString()) { WalReceiverStatusInterval = options.FeedbackInterval };
        await using var _ = opened.ConfigureAwait(false);
        await opened.Open(cancellationToken).ConfigureAwait(false);
        StreamBatch? batch = null;
        try
        {
            var stream = PgOutputStream.Start(opened, options.Slot, options.Publication, resume, cancellationToken);
            var messages = stream.GetAsyncEnumerator(cancellationToken);
            await using var __ = messages.ConfigureAwait(false);
            var isOpen = false;
            while (true)
            {
                var next = messages.MoveNextAsync();
                if (!next.IsCompleted && batch is { Count: > 0 })
                {
                    buffer.Publish(batch);
                    batch = null;
                }

                if (!isOpen) Opened(opened);
                isOpen = true;
                var isLate = !next.IsCompleted;
                if (!await next.ConfigureAwait(false)) return;
                delay = ShortestDelay;
                Retrying = null;
                batch = await ReceiveAsync(messages.Current, batch, cancellationToken).ConfigureAwait(false);

                // The server sends each message by itself: waking for each would cost more than all the rest of the work.
                if (isLate) await Task.Delay(Gathering, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (gate) connection = null;
            if (batch is { Count: > 0 }) buffer.Publish(batch);
            else if (batch is not null) buffer.Return(batch);
        }
    }

    private void Opened(LogicalReplicationConnection opened)
    {
        lock (gate)
        {
            connection = opened;
            if (durable > 0) opened.SetReplicationStatus(new NpgsqlLogSequenceNumber(durable));
        }
    }

    private async ValueTask<StreamBatch> ReceiveAsync(XLogDataMessage message, StreamBatch? batch, CancellationToken cancellationToken)
    {
        var length = checked((int)message.Data.Length);
        if (batch is not null && !batch.HasRoomFor(length))
        {
            buffer.Publish(batch);
            batch = null;
        }

        batch ??= await buffer.RentAsync(length, cancellationToken).ConfigureAwait(false);
        await batch.AddAsync(message, length, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref received);
        var bytes = batch[batch.Count - 1].Span;
        if (length == CommitMessage.Length && bytes[0] == (byte)'C') resume = CommitMessage.End(bytes);
        return batch;
    }
}
