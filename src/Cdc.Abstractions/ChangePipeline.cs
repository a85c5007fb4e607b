namespace Cdc;

/// <summary>
/// The loop: a source delivers messages, a reader turns one message into one event, the sink applies it, and the source
/// is told only of what is durable. One loop for every source and every sink.
/// </summary>
/// <remarks>
/// A message that cannot be applied goes to the dead letters; without a place for them its table stops.
/// A table that stops does not stop the others: its partitions keep their last durable position, so its changes come again.
/// </remarks>
public sealed class ChangePipeline
{
    private readonly IChangeSource source;
    private readonly IChangeReader reader;
    private readonly IChangeSink sink;
    private readonly IDeadLetterSink? deadLetters;
    private readonly TimeProvider time;
    private readonly TimeSpan flushInterval;
    private readonly TruncatePolicy truncate;
    private readonly ChangeEvent change = new();
    private readonly Dictionary<(string Topic, int Partition), Position> positions = [];
    private readonly List<Checkpoint> checkpoints = [];
    private readonly HashSet<TableId> stopped = [];

    /// <summary>Puts a pipeline together. It owns none of its parts.</summary>
    /// <param name="source">Where messages come from.</param>
    /// <param name="reader">What reads them.</param>
    /// <param name="sink">What applies them.</param>
    /// <param name="deadLetters">Where messages go that cannot be applied; null stops their table instead.</param>
    /// <param name="options">How it runs, or null for the defaults.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public ChangePipeline(IChangeSource source, IChangeReader reader, IChangeSink sink, IDeadLetterSink? deadLetters = null, PipelineOptions? options = null, TimeProvider? time = null)
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
        this.time = time ?? TimeProvider.System;
        flushInterval = options.FlushInterval;
        truncate = options.Truncate;
    }

    /// <summary>What was done so far. Read it after <see cref="RunAsync"/>, or in <see cref="Flushed"/>.</summary>
    public PipelineReport Report { get; } = new();

    /// <summary>Raised on the pipeline's own thread after each flush whose checkpoints were committed.</summary>
    public event Action<PipelineReport>? Flushed;

    /// <summary>Runs until the source ends, everything taken is durable and committed. A cancelled run commits nothing more.</summary>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns><see cref="Report"/>.</returns>
    /// <exception cref="CdcException">The source, the sink or the dead letters cannot be used.</exception>
    public async Task<PipelineReport> RunAsync(CancellationToken cancellationToken)
    {
        var lastFlush = time.GetTimestamp();
        await foreach (var batch in source.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < batch.Messages.Length; i++) await ApplyAsync(batch.Messages.Span[i], cancellationToken).ConfigureAwait(false);
            if (time.GetElapsedTime(lastFlush) < flushInterval) continue;
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            lastFlush = time.GetTimestamp();
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return Report;
    }

    private ValueTask ApplyAsync(in SourceMessage message, CancellationToken cancellationToken)
    {
        Report.Messages++;
        var position = PositionOf(in message);
        position.Next = Math.Max(position.Next, message.Offset + 1);
        try
        {
            var kind = reader.Read(in message, change);
            if (kind != MessageKind.Change)
            {
                Report.Skip(kind);
                return ValueTask.CompletedTask;
            }

            var table = change.Shape.Table;
            if (change.Operation == ChangeOperation.Truncate)
            {
                if (truncate == TruncatePolicy.Stop) throw new TableStoppedException(table, "the source truncated it. Empty the target's table yourself, then run with Truncate = Ignore");
                Report[table].Skipped++;
                return ValueTask.CompletedTask;
            }

            if (stopped.Contains(table))
            {
                Hold(table, position, message.Offset);
                return ValueTask.CompletedTask;
            }

            if (!sink.TryAppend(change)) return PrepareAndAppendAsync(message, position, cancellationToken);
            if (change.Operation == ChangeOperation.Delete) Report[table].Deletes++;
            return ValueTask.CompletedTask;
        }
        catch (CdcException failure) when (!failure.IsTransient)
        {
            return FailAsync(message, position, failure, cancellationToken);
        }
    }

    private async ValueTask PrepareAndAppendAsync(SourceMessage message, Position position, CancellationToken cancellationToken)
    {
        try
        {
            do await sink.PrepareAsync(change, cancellationToken).ConfigureAwait(false);
            while (!sink.TryAppend(change));
            if (change.Operation == ChangeOperation.Delete) Report[change.Shape.Table].Deletes++;
        }
        catch (CdcException failure) when (failure is ChangeFormatException or ValueRefusedException or TableStoppedException)
        {
            await FailAsync(message, position, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FailAsync(SourceMessage message, Position position, CdcException failure, CancellationToken cancellationToken)
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
                throw failure;
        }
    }

    private async ValueTask BuryAsync(DeadLetter letter, Position position, CancellationToken cancellationToken)
    {
        if (deadLetters is null)
        {
            var table = letter.Table ?? new TableId("", "", letter.Position.Topic);
            Stop(new TableStoppedException(table, $"a message could not be applied and there is no place for dead letters: {letter.Detail}"));
            Hold(table, position, letter.Position.Position);
            return;
        }

        await deadLetters.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
        if (letter.Table is { } known) Report[known].DeadLettered++;
        else Report.DeadLettersWithoutTable++;
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var result = await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
        foreach (var flush in result.Tables)
        {
            var report = Report[flush.Table];
            report.Applied += flush.Applied;
            report.Superseded += flush.Superseded;
            report.Inserts += flush.Inserts;
            report.Bytes += flush.Bytes;
        }

        foreach (var stop in result.Stopped)
        {
            Stop(stop.Cause);
            Report[stop.Cause.Table].Held += stop.Rows;
            foreach (var held in stop.FirstHeld) PositionOf(held.Topic, held.Partition).Hold(held.Position);
        }

        foreach (var row in result.Rejected)
        {
            var message = await source.ReadAgainAsync(row.Position, cancellationToken).ConfigureAwait(false);
            var letter = new DeadLetter(row.Position, row.Table, row.Column, row.Reason, row.Detail, message);
            await BuryAsync(letter, PositionOf(row.Position.Topic, row.Position.Partition), cancellationToken).ConfigureAwait(false);
        }

        checkpoints.Clear();
        foreach (var ((topic, partition), position) in positions)
        {
            if (position.TryAdvance(out var next)) checkpoints.Add(new Checkpoint(topic, partition, next));
        }

        if (checkpoints.Count > 0) await source.CommitAsync(checkpoints, cancellationToken).ConfigureAwait(false);
        Flushed?.Invoke(Report);
    }

    private void Stop(TableStoppedException cause)
    {
        stopped.Add(cause.Table);
        Report[cause.Table].Stopped ??= cause.Reason;
    }

    private void Hold(TableId table, Position position, long offset)
    {
        Report[table].Held++;
        position.Hold(offset);
    }

    private Position PositionOf(in SourceMessage message) => PositionOf(message.Topic, message.Partition);

    private Position PositionOf(string topic, int partition)
    {
        if (!positions.TryGetValue((topic, partition), out var position)) positions[(topic, partition)] = position = new Position();
        return position;
    }

    /// <summary>How far a partition was delivered, how far it may be committed, and how far it was.</summary>
    private sealed class Position
    {
        private long firstHeld = long.MaxValue;
        private long committed = -1;

        public long Next { get; set; } = -1;

        public void Hold(long offset) => firstHeld = Math.Min(firstHeld, offset);

        public bool TryAdvance(out long next)
        {
            next = Math.Min(Next, firstHeld);
            if (next <= committed) return false;
            committed = next;
            return true;
        }
    }
}
