using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Cdc.Abstractions.Tests;

public class ChangePipelineTests
{
    private readonly ListSink sink = new();
    private readonly ListDeadLetters letters = new();
    private readonly FakeTimeProvider time = new();

    private static SourceMessage Message(string topic, long offset, string? word = "upsert", int partition = 0) =>
        new(topic, partition, offset, "k"u8.ToArray(), word is null ? null : Encoding.UTF8.GetBytes(word));

    private ChangePipeline Pipeline(ListSource source, bool withDeadLetters = true, PipelineOptions? options = null) =>
        new(source, new WordReader(), sink, withDeadLetters ? letters : null, options, time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_is_durable_before_its_position_is_committed()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1)], [Message("a", 2), Message("b", 7)]) { BeforeBatch = _ => time.Advance(TimeSpan.FromSeconds(2)) };
        var committedAtFlush = new List<int>();
        sink.OnFlush = () => committedAtFlush.Add(source.Committed.Count);

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal(4, sink.Durable.Count);
        Assert.Equal([0, 1, 3], committedAtFlush);
        Assert.Equal([new("a", 0, 2), new("a", 0, 3), new("b", 0, 8)], source.Committed);
        Assert.True(report.IsClean);
        Assert.Equal([("a", 3), ("b", 1)], report.Tables.Select(t => (t.Table.Name, t.Applied)));
    }

    [Fact]
    public async Task Nothing_is_committed_when_the_flush_fails()
    {
        var source = new ListSource([Message("a", 0)]);
        sink.FailFlush = new ChangeSinkException("refused", isTransient: false);

        await Assert.ThrowsAsync<ChangeSinkException>(() => Pipeline(source).RunAsync(Cancelled));

        Assert.Empty(source.Committed);
    }

    [Fact]
    public async Task Nothing_is_flushed_before_the_interval_has_passed()
    {
        var flushes = 0;
        sink.OnFlush = () => flushes++;
        var source = new ListSource([Message("a", 0)], [Message("a", 1)], [Message("a", 2)]) { BeforeBatch = i => time.Advance(TimeSpan.FromSeconds(i == 2 ? 1 : 0.1)) };

        await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal(2, flushes);
    }

    [Fact]
    public async Task A_batch_that_is_nothing_at_all_is_an_idle_source()
    {
        var source = new PartitionSource(default, new SourceBatch(new[] { Message("a", 0) }), default);

        await new ChangePipeline(source, new WordReader(), sink).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 1)], source.Committed);
    }

    [Fact]
    public async Task Messages_that_are_no_change_are_counted_and_committed()
    {
        var source = new ListSource([Message("a", 0, "heartbeat"), Message("a", 1, null), Message("a", 2, "heartbeat")]);

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 3)], source.Committed);
        Assert.Equal(2, report.Skipped[MessageKind.Heartbeat]);
        Assert.Equal(1, report.Skipped[MessageKind.Tombstone]);
        Assert.Equal(3, report.Messages);
    }

    [Fact]
    public async Task A_message_that_cannot_be_applied_is_buried_with_its_coordinates_and_the_others_flow()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1, "broken"), Message("a", 2, "refused"), Message("a", 3)]);

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([0L, 3L], sink.Durable.Select(d => d.Offset));
        Assert.Equal([(1L, DeadLetterReason.Malformed, null), (2L, DeadLetterReason.ValueRefused, "id")], letters.Letters.Select(l => (l.Position.Position, l.Reason, l.Column)));
        Assert.Equal("refused"u8, letters.Letters[1].Message!.Value.Value!.Value.Span);
        Assert.Equal([new("a", 0, 4)], source.Committed);
        Assert.False(report.IsClean);
    }

    [Fact]
    public async Task A_row_that_the_target_refuses_late_is_read_again_for_its_letter()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1)]);
        sink.Reject.Add(new RowRejection(new TableId("db", "public", "a"), new Checkpoint("a", 0, 1), "id", DeadLetterReason.TargetRefused, "constraint"));

        await Pipeline(source).RunAsync(Cancelled);

        var letter = Assert.Single(letters.Letters);
        Assert.Equal(DeadLetterReason.TargetRefused, letter.Reason);
        Assert.Equal("upsert"u8, letter.Message!.Value.Value!.Value.Span);
        Assert.Equal([new("a", 0, 2)], source.Committed);
    }

    [Fact]
    public async Task Without_a_place_for_dead_letters_the_table_stops_there_and_the_others_go_on()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1, "refused"), Message("a", 2), Message("b", 5)]);

        var report = await Pipeline(source, withDeadLetters: false).RunAsync(Cancelled);

        Assert.Equal([("a", 0L), ("b", 5L)], sink.Durable.Select(d => (d.Table.Name, d.Offset)));
        Assert.Equal([new("a", 0, 1), new("b", 0, 6)], source.Committed);
        var stopped = report.Tables.Single(t => t.Table.Name == "a");
        Assert.NotNull(stopped.Stopped);
        Assert.Equal(2, stopped.Held);
    }

    [Fact]
    public async Task A_table_of_which_nothing_can_be_applied_stops_before_its_topic_is_copied_to_the_dead_letters()
    {
        var bad = Enumerable.Range(0, 10).Select(i => Message("a", i, i == 2 ? "upsert" : "refused")).Append(Message("b", 0));
        var unreadable = Enumerable.Range(0, 10).Select(i => Message("c", i, "broken"));
        var source = new ListSource([.. bad, .. unreadable]);

        var report = await Pipeline(source, options: new PipelineOptions { MaxDeadLettersInARow = 3 }).RunAsync(Cancelled);

        Assert.Equal([("a", 0L), ("a", 1L), ("a", 3L), ("a", 4L), ("a", 5L), ("c", 0L), ("c", 1L), ("c", 2L)], letters.Letters.Select(l => (l.Position.Topic, l.Position.Position)));
        Assert.Equal([new("a", 0, 6), new("b", 0, 1), new("c", 0, 3)], source.Committed);
        Assert.Equal([("c", 7L), ("a", 4L)], report.Tables.Where(t => t.Stopped is not null).Select(t => (t.Table.Name, t.Held)));
        Assert.Equal(2, sink.Durable.Count);
    }

    [Fact]
    public async Task A_table_that_stops_at_a_flush_keeps_its_position_at_the_first_row_that_is_not_durable()
    {
        var source = new ListSource([Message("a", 0)], [Message("a", 1), Message("a", 2), Message("b", 0)], [Message("a", 3)]) { BeforeBatch = _ => time.Advance(TimeSpan.FromSeconds(2)) };
        var flushes = 0;
        sink.OnFlush = () =>
        {
            if (++flushes == 2) sink.StopAtFlush.Add(new TableStop(new TableStoppedException(new TableId("db", "public", "a"), "dropped"), 2, [new("a", 0, 1)]));
        };

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 1), new("b", 0, 1)], source.Committed);
        Assert.Equal(3, report.Tables.Single(t => t.Table.Name == "a").Held);
    }

    [Fact]
    public async Task A_table_is_prepared_before_its_first_change_is_taken()
    {
        sink.NeedPreparation.Add("a");
        var source = new ListSource([Message("a", 0, "delete")]);

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal(0, Assert.Single(sink.Durable).Offset);
        Assert.Equal(1, report.Tables.Single().Deletes);
    }

    [Fact]
    public async Task A_truncate_stops_its_table_and_is_not_committed()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1, "truncate"), Message("a", 2), Message("b", 0)]);

        var report = await Pipeline(source).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 1), new("b", 0, 1)], source.Committed);
        Assert.Contains("Truncate = Ignore", report.Tables.First().Stopped);
    }

    [Fact]
    public async Task A_truncate_is_skipped_when_the_options_say_so()
    {
        var source = new ListSource([Message("a", 0), Message("a", 1, "truncate"), Message("a", 2)]);

        var report = await Pipeline(source, options: new PipelineOptions { Truncate = TruncatePolicy.Ignore }).RunAsync(Cancelled);

        Assert.Equal([new("a", 0, 3)], source.Committed);
        Assert.Equal(1, report.Tables.Single().Skipped);
    }

    [Fact]
    public void All_problems_of_the_options_come_in_one_error()
    {
        var options = new PipelineOptions { FlushInterval = TimeSpan.Zero, Truncate = (TruncatePolicy)9 };

        var error = Assert.Throws<ArgumentException>(() => Pipeline(new ListSource(), options: options));

        Assert.Contains("FlushInterval", error.Message, StringComparison.Ordinal);
        Assert.Contains("Truncate", error.Message, StringComparison.Ordinal);
    }
}
