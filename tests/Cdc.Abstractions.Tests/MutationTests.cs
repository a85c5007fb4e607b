using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Cdc.Abstractions.Tests;

/// <summary>
/// One check, that no committed position lies above a row that is neither durable nor among the dead letters, run over the loop as it is and over
/// loops that are broken in the ways in which others have lost data: it must see each of them.
/// </summary>
public class MutationTests
{
    private readonly ListSink sink = new();
    private readonly ListDeadLetters letters = new();
    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(400) };
    private readonly List<string> violations = [];

    private static SourceMessage[] Batch(params (string Topic, long Offset, string Word)[] messages) =>
        [.. messages.Select(m => new SourceMessage(m.Topic, 0, m.Offset, "k"u8.ToArray(), Encoding.UTF8.GetBytes(m.Word)))];

    private readonly SourceMessage[][] batches =
    [
        Batch(("a", 0, "upsert"), ("a", 1, "refused"), ("b", 0, "upsert")),
        Batch(("stopped", 0, "heartbeat"), ("stopped", 1, "upsert"), ("stopped", 2, "heartbeat")),
        Batch(("a", 2, "upsert"), ("b", 1, "upsert")),
        Batch(("b", 2, "upsert")),
    ];

    private async Task<List<string>> RunAsync(Func<IChangeSource, IChangeSource>? breakSource = null, Func<IChangeSink, IChangeSink>? breakSink = null, Exception? failure = null)
    {
        sink.StopTables.Add("stopped");
        sink.FailFlush = failure;
        IChangeSource source = new CheckedSource(new ListSource(batches), Check);
        if (breakSource is not null) source = breakSource(source);
        var pipeline = new ChangePipeline(source, new WordReader(), breakSink is null ? sink : breakSink(sink), letters, time: time);
        try
        {
            await pipeline.RunAsync(TestContext.Current.CancellationToken);
        }
        catch (ChangeSinkException)
        {
            // The flush failed for good: what was not committed comes again.
        }

        return violations;
    }

    private void Check(IReadOnlyList<Checkpoint> committed)
    {
        foreach (var (topic, _, position) in committed)
        {
            foreach (var message in batches.SelectMany(b => b).Where(m => m.Topic == topic && m.Offset < position && !m.Value!.Value.Span.SequenceEqual("heartbeat"u8)))
            {
                var isSafe = sink.Durable.Contains((new TableId("db", "public", topic), message.Offset)) || letters.Letters.Any(l => l.Position.Topic == topic && l.Position.Position == message.Offset);
                if (!isSafe) violations.Add($"{topic} {message.Offset} below {position}");
            }
        }
    }

    [Fact]
    public async Task The_loop_as_it_is_commits_nothing_that_is_not_safe() => Assert.Empty(await RunAsync());

    [Fact]
    public async Task The_loop_as_it_is_commits_nothing_when_the_flush_fails() => Assert.Empty(await RunAsync(failure: new ChangeSinkException("refused", isTransient: false)));

    [Fact]
    public async Task A_commit_before_the_insert_is_seen() => Assert.NotEmpty(await RunAsync(source => new EagerSource(source)));

    [Fact]
    public async Task A_commit_of_the_greatest_offset_instead_of_the_watermark_is_seen() => Assert.NotEmpty(await RunAsync(source => new GreatestSource(source)));

    [Fact]
    public async Task A_swallowed_error_is_seen() => Assert.NotEmpty(await RunAsync(breakSink: inner => new SwallowingSink(inner), failure: new ChangeSinkException("refused", isTransient: false)));

    private class CheckedSource(IChangeSource inner, Action<IReadOnlyList<Checkpoint>> check) : IChangeSource
    {
        public virtual IAsyncEnumerable<SourceBatch> ReadAsync(CancellationToken cancellationToken) => inner.ReadAsync(cancellationToken);

        public virtual ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
        {
            check(checkpoints);
            return inner.CommitAsync(checkpoints, cancellationToken);
        }

        public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => inner.ReadAgainAsync(position, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Commits a batch when it hands it over, as auto-commit does.</summary>
    private sealed class EagerSource(IChangeSource inner) : CheckedSource(inner, _ => { })
    {
        public override async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var batch in base.ReadAsync(cancellationToken))
            {
                await CommitAsync([.. batch.Messages.ToArray().GroupBy(m => m.Topic).Select(g => new Checkpoint(g.Key, 0, g.Max(m => m.Offset) + 1))], cancellationToken);
                yield return batch;
            }
        }
    }

    /// <summary>Commits the greatest offset that it delivered, whatever the loop says.</summary>
    private sealed class GreatestSource(IChangeSource inner) : CheckedSource(inner, _ => { })
    {
        private readonly Dictionary<string, long> greatest = [];

        public override async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var batch in base.ReadAsync(cancellationToken))
            {
                foreach (var message in batch.Messages.ToArray()) greatest[message.Topic] = message.Offset + 1;
                yield return batch;
            }
        }

        public override ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) =>
            base.CommitAsync([.. checkpoints.Select(c => c with { Position = greatest[c.Topic] })], cancellationToken);
    }

    /// <summary>Takes a failed flush for a success.</summary>
    private sealed class SwallowingSink(IChangeSink inner) : IChangeSink
    {
        public bool TryAppend(ChangeEvent change) => inner.TryAppend(change);

        public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => inner.PrepareAsync(change, cancellationToken);

        public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await inner.FlushAsync(cancellationToken);
            }
            catch (ChangeSinkException)
            {
                return FlushResult.Empty;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
