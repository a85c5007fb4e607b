using System.Runtime.InteropServices;

namespace Cdc;

/// <summary>
/// The loop: a source delivers messages, a reader turns one message into one event, the sink applies it, and the source
/// is told only of what is durable. One loop for every source and every sink.
/// </summary>
/// <remarks>
/// A message that cannot be applied goes to the dead letters; without a place for them its table stops.
/// A table that stops does not stop the others: its partitions keep their last durable position, so its changes come again.
/// Everything that fails transiently is repeated until it succeeds or the run is cancelled.
/// </remarks>
public sealed class ChangePipeline
{
    private readonly IChangeSource source;
    private readonly IChangeReader reader;
    private readonly IChangeSink sink;
    private readonly IDeadLetterSink? deadLetters;
    private readonly ILedger? ledger;
    private readonly TimeProvider time;
    private readonly TimeSpan flushInterval;
    private readonly TimeSpan shutdownTimeout;
    private readonly TruncatePolicy truncate;
    private readonly Retry retry;
    private readonly ChangeEvent change = new();
    private readonly Dictionary<(string Topic, int Partition), PartitionPosition> positions = [];
    private readonly HashSet<TableId> stopped = [];
    private readonly Dictionary<TableId, NewestChange> newest = [];
    private readonly Dictionary<TableId, int> buried = [];
    private readonly int maxDeadLettersInARow;

    // Those of the last message: nearly always the next one's too.
    private (string Topic, int Partition, PartitionPosition Position)? last;
    private (TableShape Shape, NewestChange Newest)? lastTaken;

    /// <summary>Puts a pipeline together. It owns none of its parts.</summary>
    /// <param name="source">Where messages come from.</param>
    /// <param name="reader">What reads them.</param>
    /// <param name="sink">What applies them.</param>
    /// <param name="deadLetters">Where messages go that cannot be applied; null stops their table instead.</param>
    /// <param name="options">How it runs, or null for the defaults.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <param name="ledger">What remembers positions beside the data, written before each commit; or null.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public ChangePipeline(
        IChangeSource source, IChangeReader reader, IChangeSink sink, IDeadLetterSink? deadLetters = null, PipelineOptions? options = null, TimeProvider? time = null, ILedger? ledger = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(sink);
        options ??= new PipelineOptions();
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The pipeline's options are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.source = source;
        this.reader = reader;
        this.sink = sink;
        this.deadLetters = deadLetters;
        this.ledger = ledger;
        this.time = time ?? TimeProvider.System;
        flushInterval = options.FlushInterval;
        shutdownTimeout = options.ShutdownTimeout;
        truncate = options.Truncate;
        maxDeadLettersInARow = options.MaxDeadLettersInARow;
        retry = new Retry(Report, options.MaxRetryDelay, this.time);
    }

    /// <summary>What was done so far. Read it after <see cref="RunAsync"/>, or in <see cref="Flushed"/>.</summary>
    public PipelineReport Report { get; } = new();

    /// <summary>Raised on the pipeline's own thread after each flush whose checkpoints were committed.</summary>
    public event Action<PipelineReport>? Flushed;

    /// <summary>
    /// Runs until the source ends, everything taken is durable and committed. A cancelled run takes no more messages and has
    /// <see cref="PipelineOptions.ShutdownTimeout"/> to make durable and commit what it took.
    /// </summary>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns><see cref="Report"/>.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled; what was not committed comes again.</exception>
    /// <exception cref="CdcException">The source, the sink or the dead letters cannot be used.</exception>
    public async Task<PipelineReport> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var lastFlush = time.GetTimestamp();
            await foreach (var batch in source.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var partition in batch.Partitions) await NoteAsync(partition, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < batch.Messages.Length; i++) await ApplyAsync(batch.Messages.Span[i], cancellationToken).ConfigureAwait(false);
                if (time.GetElapsedTime(lastFlush) < flushInterval) continue;
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                lastFlush = time.GetTimestamp();
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
            return Report;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await DrainAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask DrainAsync()
    {
        using var timeout = new CancellationTokenSource(shutdownTimeout, time);
        try
        {
            await FlushAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Report.Retrying = "the shutdown's time was over before everything taken was durable; the rest was not committed and comes again";
        }
    }

    private async ValueTask NoteAsync(PartitionChange partition, CancellationToken cancellationToken)
    {
        var (topic, number, position) = partition.Partition;
        last = null;
        if (partition.Kind == PartitionChangeKind.Revoked)
        {
            positions.Remove((topic, number));
            return;
        }

        positions[(topic, number)] = new PartitionPosition(partition.TopicId);
        reader.RestoreState(new Checkpoint(topic, number, position), partition.State ?? await DeriveStateAsync(partition, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<string?> DeriveStateAsync(PartitionChange partition, CancellationToken cancellationToken)
    {
        if (ledger is null) return null;
        var entries = await retry.RunAsync(ledger.ReadAsync, cancellationToken).ConfigureAwait(false);
        var states = entries.Where(e => e.Partition.Topic == partition.Partition.Topic && e.ReaderState is not null).ToLookup(e => e.TopicId == partition.TopicId, e => e.ReaderState!);
        return states.Contains(true) ? reader.DeriveState([.. states[true]], isNewTopic: false)
            : states.Contains(false) ? reader.DeriveState([.. states[false]], isNewTopic: true)
            : null;
    }

    private ValueTask ApplyAsync(in SourceMessage message, CancellationToken cancellationToken)
    {
        Report.Messages++;
        var position = PositionOf(message.Topic, message.Partition);
        position.Delivered(message.Offset);
        try
        {
            var kind = reader.Read(in message, change);
            if (kind != MessageKind.Change)
            {
                if (kind == MessageKind.Transaction) sink.EndTransaction(new Checkpoint(message.Topic, message.Partition, message.Offset));
                Report.Skip(kind);
                return ValueTask.CompletedTask;
            }

            var table = change.Shape.Table;
            if (stopped.Contains(table))
            {
                Hold(table, position, message.Offset);
                return ValueTask.CompletedTask;
            }

            if (change.Operation == ChangeOperation.Truncate) return TruncateAsync(message, position, cancellationToken);
            if (!sink.TryAppend(change)) return PrepareAndAppendAsync(message, position, cancellationToken);
            Taken();
            return ValueTask.CompletedTask;
        }
        catch (CdcException failure) when (!failure.IsTransient)
        {
            return FailAsync(message, position, failure, cancellationToken);
        }
    }

    private void Taken()
    {
        var shape = change.Shape;
        if (change.Operation == ChangeOperation.Delete) Report[shape.Table].Deletes++;
        if (buried.Count > 0) buried.Remove(shape.Table);
        if (lastTaken is not { } taken || !ReferenceEquals(taken.Shape, shape))
        {
            if (!newest.TryGetValue(shape.Table, out var known)) newest[shape.Table] = known = new NewestChange();
            lastTaken = taken = (shape, known);
        }

        taken.Newest.Timestamp = Math.Max(taken.Newest.Timestamp, change.SourceTimestamp);
    }

    private async ValueTask PrepareAndAppendAsync(SourceMessage message, PartitionPosition position, CancellationToken cancellationToken)
    {
        try
        {
            do await retry.RunAsync(token => sink.PrepareAsync(change, token), cancellationToken).ConfigureAwait(false);
            while (!sink.TryAppend(change));
            Taken();
        }
        catch (CdcException failure) when (!failure.IsTransient)
        {
            await FailAsync(message, position, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask TruncateAsync(SourceMessage message, PartitionPosition position, CancellationToken cancellationToken)
    {
        var table = change.Shape.Table;
        try
        {
            switch (truncate)
            {
                case TruncatePolicy.Ignore:
                    Report[table].Skipped++;
                    break;
                case TruncatePolicy.Apply:
                    await retry.RunAsync(token => sink.TruncateAsync(change, token), cancellationToken).ConfigureAwait(false);
                    Report[table].Fenced++;
                    break;
                default:
                    throw new TableStoppedException(table, "the source truncated it. Run with Truncate = Apply to repeat that, or empty the target's table yourself and run with Truncate = Ignore");
            }
        }
        catch (TableStoppedException failure)
        {
            await FailAsync(message, position, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FailAsync(SourceMessage message, PartitionPosition position, CdcException failure, CancellationToken cancellationToken)
    {
        var at = new Checkpoint(message.Topic, message.Partition, message.Offset);
        switch (failure)
        {
            case TableStoppedException stop:
                Stop(stop);
                Hold(stop.Table, position, message.Offset);
                break;
            case ChangeFormatException format:
                await BuryAsync(new DeadLetter(at, format.Table, null, DeadLetterReason.Malformed, format.Message, message), position, cancellationToken).ConfigureAwait(false);
                break;
            case ValueRefusedException refused:
                var reason = refused.Reason switch
                {
                    RefusalReason.Key => DeadLetterReason.KeyRefused,
                    RefusalReason.Unavailable => DeadLetterReason.UnavailableValue,
                    _ => DeadLetterReason.ValueRefused,
                };
                await BuryAsync(new DeadLetter(at, refused.Table, refused.Column, reason, refused.Message, message), position, cancellationToken).ConfigureAwait(false);
                break;
            default:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                break;
        }
    }

    private async ValueTask BuryAsync(DeadLetter letter, PartitionPosition position, CancellationToken cancellationToken)
    {
        // What is not even known by its table stands for its topic.
        var table = letter.Table ?? new TableId("", "", letter.Position.Topic);
        if (!stopped.Contains(table) && Refusal(table, letter) is { } refusal) Stop(new TableStoppedException(table, refusal));
        if (stopped.Contains(table))
        {
            Hold(table, position, letter.Position.Position);
            return;
        }

        await retry.RunAsync(token => deadLetters!.WriteAsync(letter, token), cancellationToken).ConfigureAwait(false);
        if (letter.Table is null) Report.DeadLettersWithoutTable++;
        else Report[table].DeadLettered++;
    }

    /// <summary>A few bad rows are the rows' fault; when nothing else comes it is the table's, and its letters would be a copy of the topic.</summary>
    private string? Refusal(TableId table, DeadLetter letter)
    {
        if (deadLetters is null) return $"a message could not be applied and there is no place for dead letters: {letter.Detail}";
        ref var inARow = ref CollectionsMarshal.GetValueRefOrAddDefault(buried, table, out _);
        return ++inARow > maxDeadLettersInARow
            ? $"{maxDeadLettersInARow} of its messages in a row went to the dead letters. Mend what they tell, or raise {nameof(PipelineOptions.MaxDeadLettersInARow)}; the last: {letter.Detail}"
            : null;
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var result = await retry.RunAsync(sink.FlushAsync, cancellationToken).ConfigureAwait(false);
        await SettleAsync(result, cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        Report.LastFlush = time.GetUtcNow();
        Flushed?.Invoke(Report);
    }

    private async ValueTask SettleAsync(FlushResult result, CancellationToken cancellationToken)
    {
        foreach (var flush in result.Tables)
        {
            var report = Report[flush.Table];
            report.Applied += flush.Applied;
            report.Superseded += flush.Superseded;
            report.Fenced += flush.Fenced;
            report.Inserts += flush.Inserts;
            report.Bytes += flush.Bytes;
            if (newest.TryGetValue(flush.Table, out var latest)) report.NewestSourceTimestamp = latest.Timestamp;
        }

        foreach (var stop in result.Stopped)
        {
            Stop(stop.Cause);
            Report[stop.Cause.Table].Held += stop.Rows;
            foreach (var held in stop.FirstHeld)
            {
                // A partition that was revoked meanwhile is not committed here any more.
                if (positions.TryGetValue((held.Topic, held.Partition), out var position)) position.Hold(held.Position);
            }
        }

        foreach (var row in result.Rejected)
        {
            var message = await retry.RunAsync(token => source.ReadAgainAsync(row.Position, token), cancellationToken).ConfigureAwait(false);
            var letter = new DeadLetter(row.Position, row.Table, row.Column, row.Reason, row.Detail, message);
            var position = positions.GetValueOrDefault((row.Position.Topic, row.Position.Partition)) ?? new PartitionPosition();
            await BuryAsync(letter, position, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        var checkpoints = new List<Checkpoint>();
        var entries = new List<LedgerEntry>();
        foreach (var ((topic, partition), position) in positions)
        {
            if (!position.TryAdvance(out var next)) continue;
            var checkpoint = new Checkpoint(topic, partition, next);
            checkpoints.Add(checkpoint);

            // The reader's state is that of the last message read: below a change that waits, the ledger keeps what it had.
            if (!position.IsHeld) entries.Add(new LedgerEntry(checkpoint, position.TopicId, reader.SaveState(topic, partition)));
        }

        if (checkpoints.Count == 0) return;
        if (ledger is not null && entries.Count > 0) await retry.RunAsync(token => ledger.WriteAsync(entries, token), cancellationToken).ConfigureAwait(false);
        await retry.RunAsync(token => source.CommitAsync(checkpoints, token), cancellationToken).ConfigureAwait(false);
        foreach (var checkpoint in checkpoints)
        {
            positions[(checkpoint.Topic, checkpoint.Partition)].Committed(checkpoint.Position);
            reader.Committed(checkpoint);
        }
    }

    private void Stop(TableStoppedException cause)
    {
        stopped.Add(cause.Table);
        Report[cause.Table].Stopped ??= cause.Reason;
    }

    private void Hold(TableId table, PartitionPosition position, long offset)
    {
        Report[table].Held++;
        position.Hold(offset);
    }

    private PartitionPosition PositionOf(string topic, int partition)
    {
        if (last is { } same && same.Partition == partition && same.Topic == topic) return same.Position;
        if (!positions.TryGetValue((topic, partition), out var position)) positions[(topic, partition)] = position = new PartitionPosition();
        last = (topic, partition, position);
        return position;
    }

    private sealed class NewestChange
    {
        public long Timestamp { get; set; }
    }
}
