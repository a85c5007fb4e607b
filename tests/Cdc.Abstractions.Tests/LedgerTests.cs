using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Cdc.Abstractions.Tests;

/// <summary>How the loop keeps the ledger, follows partitions that come and go, repeats what is transient, and stops.</summary>
public class LedgerTests
{
    private readonly ListSink sink = new();
    private readonly ListLedger ledger = new();
    private readonly StatefulReader reader = new();
    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static SourceMessage Message(string topic, long offset, string word = "upsert") => new(topic, 0, offset, "k"u8.ToArray(), Encoding.UTF8.GetBytes(word));

    private ChangePipeline Pipeline(IChangeSource source, PipelineOptions? options = null) => new(source, reader, sink, new ListDeadLetters(), options, time, ledger);

    [Fact]
    public async Task The_ledger_is_written_after_the_rows_and_before_the_commit_with_the_readers_state()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1)]);
        ledger.OnWrite = () => Assert.Equal((2, 0), (sink.Durable.Count, source.Committed.Count));

        await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([new LedgerEntry(new("a", 0, 2), "", "after 1")], ledger.Entries);
        Assert.Equal([new("a", 0, 2)], reader.Let);
    }

    [Fact]
    public async Task Nothing_is_committed_that_the_ledger_does_not_know()
    {
        var source = new ListSource([Message("a", 0)]);
        ledger.Fail = new ChangeSinkException("refused", isTransient: false);

        await Assert.ThrowsAsync<ChangeSinkException>(() => Pipeline(source).RunAsync(Cancelled));

        Assert.Empty(source.Committed);
    }

    [Fact]
    public async Task A_partition_that_comes_restores_the_reader_and_one_that_goes_is_committed_no_more()
    {
        var source = new PartitionSource(
            new SourceBatch(new[] { Message("a", 5), Message("b", 0) }, [new(PartitionChangeKind.Assigned, new("a", 0, 5), "state", "topic id"), new(PartitionChangeKind.Assigned, new("b", 0, 0))]),
            new SourceBatch(new[] { Message("a", 6) }, [new(PartitionChangeKind.Revoked, new("b", 0, 0))]));

        await Pipeline(source, new PipelineOptions { FlushInterval = TimeSpan.FromHours(1) }).RunAsync(Cancelled);

        Assert.Equal([(new("a", 0, 5), "state"), (new("b", 0, 0), null)], reader.Restored);
        Assert.Equal(3, sink.Durable.Count);
        Assert.Equal([new("a", 0, 7)], source.Committed);
        Assert.Equal("topic id", Assert.Single(ledger.Entries).TopicId);
    }

    [Theory]
    [InlineData("id", "derived from p0+p1")]
    [InlineData("another id", "new after p0+p1")]
    public async Task A_partition_of_which_nothing_is_remembered_is_derived_from_the_others_of_its_topic(string topicId, string expected)
    {
        ledger.Entries.AddRange([new(new("a", 0, 9), "id", "p0"), new(new("a", 1, 9), "id", "p1"), new(new("b", 0, 9), "id", "other topic")]);
        var source = new PartitionSource(new SourceBatch(default, [new(PartitionChangeKind.Assigned, new("a", 2, 0), null, topicId), new(PartitionChangeKind.Assigned, new("c", 0, 0), null, "new")]));

        await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([(new("a", 2, 0), expected), (new("c", 0, 0), null)], reader.Restored);
    }

    [Fact]
    public async Task A_partition_with_a_change_that_waits_keeps_the_ledgers_former_state()
    {
        sink.StopTables.Add("a");
        var source = new ListSource([Message("a", 0, "heartbeat"), Message("a", 1), Message("a", 2)]);

        await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 1)], source.Committed);
        Assert.Empty(ledger.Entries);
    }

    [Fact]
    public async Task What_fails_transiently_is_repeated_until_it_succeeds()
    {
        var source = new ListSource([Message("a", 0)]);
        var tries = 0;
        ledger.OnWrite = () =>
        {
            if (++tries < 4) throw new ChangeSinkException("away", isTransient: true);
        };

        var run = Pipeline(source).RunAsync(Cancelled);
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        var report = await run;
        Assert.Equal(4, tries);
        Assert.Equal([new("a", 0, 1)], source.Committed);
        Assert.Null(report.Retrying);
    }

    [Fact]
    public async Task A_cancelled_run_makes_durable_and_commits_what_it_took()
    {
        using var stop = new CancellationTokenSource();
        var source = new ListSource([Message("a", 0), Message("a", 1)], [Message("a", 2)], []) { BeforeBatch = i => { if (i == 1) stop.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Pipeline(source, new PipelineOptions { FlushInterval = TimeSpan.FromHours(1) }).RunAsync(stop.Token));

        Assert.Equal([new("a", 0, 3)], source.Committed);
        Assert.Equal(3, sink.Durable.Count);
    }

    [Fact]
    public async Task Every_message_is_counted_once_whatever_becomes_of_it()
    {
        sink.StopTables.Add("stopped");
        var source = new ListSource(
            [Message("a", 0), Message("a", 1, "heartbeat"), Message("a", 2, "broken"), Message("a", 3, "refused"), Message("a", 4, "truncate"), Message("stopped", 0), Message("stopped", 1)]);

        var report = await Pipeline(source, new PipelineOptions { Truncate = TruncatePolicy.Ignore }).RunAsync(Cancelled);

        var counted = report.Skipped.Values.Sum() + report.DeadLettersWithoutTable + report.Tables.Sum(t => t.Applied + t.Superseded + t.Fenced + t.DeadLettered + t.Skipped + t.Held);
        Assert.Equal((7, 7), (report.Messages, counted));
    }
}

internal sealed class ListLedger : ILedger
{
    public List<LedgerEntry> Entries { get; } = [];

    public Action? OnWrite { get; set; }

    public Exception? Fail { get; set; }

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadAsync(CancellationToken cancellationToken) => new(Entries);

    public ValueTask WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        if (Fail is not null) throw Fail;
        OnWrite?.Invoke();
        Entries.AddRange(entries);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A reader whose state is the last offset that it read.</summary>
internal sealed class StatefulReader : IChangeReader
{
    private readonly WordReader words = new();
    private long last = -1;

    public List<(Checkpoint Position, string? State)> Restored { get; } = [];

    public List<Checkpoint> Let { get; } = [];

    public MessageKind Read(in SourceMessage message, ChangeEvent change)
    {
        last = message.Offset;
        return words.Read(in message, change);
    }

    public string? SaveState(string topic, int partition) => $"after {last}";

    public void RestoreState(Checkpoint position, string? state) => Restored.Add((position, state));

    public string? DeriveState(IReadOnlyList<string> states, bool isNewTopic) => $"{(isNewTopic ? "new after" : "derived from")} {string.Join('+', states)}";

    public void Committed(Checkpoint position) => Let.Add(position);
}

internal sealed class PartitionSource(params SourceBatch[] batches) : IChangeSource
{
    public List<Checkpoint> Committed { get; } = [];

    public async IAsyncEnumerable<SourceBatch> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            await Task.Yield();
            yield return batch;
        }
    }

    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        Committed.AddRange(checkpoints);
        return ValueTask.CompletedTask;
    }

    public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => new((SourceMessage?)null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
