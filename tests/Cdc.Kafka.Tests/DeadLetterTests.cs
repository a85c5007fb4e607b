using System.Text;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class DeadLetterTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task A_letter_keeps_the_message_and_says_whence_and_why()
    {
        cluster.Create("g.dead-letters");
        var message = new SourceMessage("t", 3, 42, "key"u8.ToArray(), "value"u8.ToArray())
        {
            Timestamp = 1234,
            Headers = [new MessageHeader("trace", "abc"u8.ToArray()), new MessageHeader("none", null)],
        };
        await using var letters = new KafkaDeadLetters(Options());
        await letters.WriteAsync(Letter(message), TestContext.Current.CancellationToken);

        // It is there the moment the call returns.
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "look", "g.dead-letters")));
        await reading.WaitAsync(() => reading.Messages.Count == 1);
        var kept = reading.Messages.Single();
        Assert.Equal(("key", "value"), (kept.Key, kept.Value));
        Assert.Equal(
            [
                ("trace", "abc"), ("none", null), ("cdc.topic", "t"), ("cdc.partition", "3"), ("cdc.offset", "42"), ("cdc.timestamp", "1234"),
                ("cdc.table", "public.orders"), ("cdc.column", "amount"), ("cdc.reason", "ValueRefused"), ("cdc.detail", "it does not fit"), ("cdc.version", "0.1.0"),
            ],
            kept.Headers);
    }

    [Fact]
    public async Task Null_stays_null_and_a_prefix_keeps_the_original_headers_apart()
    {
        cluster.Create("g.dead-letters");
        var options = Options();
        options.HeaderPrefix = "original.";
        await using var letters = new KafkaDeadLetters(options);
        byte[]? none = null;
        await letters.WriteAsync(Letter(new SourceMessage("t", 3, 42, none, none) { Headers = [new MessageHeader("cdc.topic", "x"u8.ToArray())] }), TestContext.Current.CancellationToken);
        await letters.WriteAsync(Letter(new SourceMessage("t", 3, 43, [], [])), TestContext.Current.CancellationToken);
        await letters.WriteAsync(Letter(null), TestContext.Current.CancellationToken);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "look", "g.dead-letters")));
        await reading.WaitAsync(() => reading.Messages.Count == 3);
        var kept = reading.Messages.ToArray();
        Assert.Equal((null, null), (kept[0].Key, kept[0].Value));
        Assert.Equal(("original.cdc.topic", "x"), kept[0].Headers[0]);
        Assert.Equal(("", ""), (kept[1].Key, kept[1].Value));
        Assert.Contains(("cdc.payload", "missing"), kept[2].Headers);
    }

    [Fact]
    public async Task A_message_too_large_for_the_topic_is_kept_as_headers_alone()
    {
        cluster.Create("g.dead-letters");
        var options = Options();
        options.Configuration["message.max.bytes"] = "10000";
        await using var letters = new KafkaDeadLetters(options);
        await letters.WriteAsync(Letter(new SourceMessage("t", 3, 42, "k"u8.ToArray(), new byte[20_000])), TestContext.Current.CancellationToken);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "look", "g.dead-letters")));
        await reading.WaitAsync(() => reading.Messages.Count == 1);
        Assert.Null(reading.Messages.Single().Value);
        Assert.Contains(("cdc.payload", "too large"), reading.Messages.Single().Headers);
        Assert.Contains(("cdc.offset", "42"), reading.Messages.Single().Headers);
    }

    [Fact]
    public async Task Brokers_that_are_away_make_a_transient_failure_and_the_next_letter_gets_through()
    {
        cluster.Create("g.dead-letters");
        var options = Options();
        options.DeliveryTimeout = TimeSpan.FromSeconds(2);
        await using var letters = new KafkaDeadLetters(options);
        await letters.WriteAsync(Letter(null), TestContext.Current.CancellationToken);
        cluster.SetDown();
        var failure = await Assert.ThrowsAsync<ChangeSinkException>(() => letters.WriteAsync(Letter(null), TestContext.Current.CancellationToken).AsTask());
        Assert.True(failure.IsTransient);
        cluster.SetUp();
        for (var written = false; !written;)
        {
            try
            {
                await letters.WriteAsync(Letter(null), TestContext.Current.CancellationToken);
                written = true;
            }
            catch (ChangeSinkException again) when (again.IsTransient)
            {
            }
        }
    }

    private static DeadLetter Letter(SourceMessage? message) =>
        new(new Checkpoint("t", 3, message?.Offset ?? 42), new TableId("db", "public", "orders"), "amount", DeadLetterReason.ValueRefused, "it does not fit", message);

    private KafkaDeadLetterOptions Options() => KafkaDeadLetterOptions.For(Source());

    private KafkaSourceOptions Source() => new() { BootstrapServers = cluster.BootstrapServers, GroupId = "g" };
}
