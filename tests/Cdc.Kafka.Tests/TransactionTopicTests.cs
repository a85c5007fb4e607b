using System.Text;
using System.Text.Json.Nodes;
using Cdc.Debezium;
using Cdc.TestSupport;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

/// <summary>Real transactions, written again and compared with what Debezium said of them.</summary>
public sealed class TransactionTopicTests : IDisposable
{
    private readonly MockCluster cluster = new();
    private readonly ChangeEvent change = new();

    public void Dispose() => cluster.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static JsonNode Json(ReadOnlyMemory<byte>? bytes) => JsonNode.Parse(bytes!.Value.Span)!;

    private static string IdOf(JsonNode message) => message["payload"]!["id"]!.GetValue<string>();

    /// <summary>Debezium's boundaries of each transaction, and the messages of its changes in their order.</summary>
    private static List<(SourceMessage Begin, SourceMessage End, SourceMessage[] Changes)> Transactions()
    {
        var all = Corpus.Messages("versions/3.3.1-schema").Where(m => m.Value is not null).ToList();
        var boundaries = all.Where(m => m.Topic.EndsWith(".transaction", StringComparison.Ordinal)).ToLookup(m => IdOf(Json(m.Value)).Split(':')[0]);
        var changes = all.Select(m => (Message: m, Place: Json(m.Value)["payload"]?["transaction"])).Where(m => m.Place is JsonObject).ToLookup(m => m.Place!["id"]!.GetValue<string>().Split(':')[0]);

        // What a filter left out, or the reader refuses, cannot be written again.
        return [.. from t in boundaries
                   where t.Count() == 2 && Json(t.Last().Value)["payload"]!["event_count"]!.GetValue<int>() == changes[t.Key].Count()
                       && changes[t.Key].All(c => !c.Message.Topic.EndsWith("ident.idx", StringComparison.Ordinal) && !c.Message.Topic.EndsWith(".message", StringComparison.Ordinal))
                   select (t.First(), t.Last(), changes[t.Key].OrderBy(c => c.Place!["total_order"]!.GetValue<long>()).Select(c => c.Message).ToArray())];
    }

    private async Task WriteAsync(KafkaChangeSink sink, IEnumerable<SourceMessage> messages)
    {
        var reader = new DebeziumReader(DebeziumOptions.FromConnector(Encoding.UTF8.GetBytes(Corpus.Connector("versions/schema"))));
        foreach (var message in messages)
        {
            Assert.Equal(MessageKind.Change, reader.Read(in message, change));
            while (!sink.TryAppend(change)) await sink.PrepareAsync(change, Cancel);
        }
    }

    private KafkaChangeSink Sink(Action<KafkaSinkOptions>? set = null)
    {
        var options = new KafkaSinkOptions { BootstrapServers = cluster.BootstrapServers, TopicPrefix = "again", TransactionMetadata = true, Tombstones = false };
        set?.Invoke(options);
        return new KafkaChangeSink(options, new DebeziumWriter(new DebeziumWriterOptions { IncludeSchema = true, TopicPrefix = "again" }));
    }

    private List<(JsonNode? Key, JsonNode Value)> Read(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = "look" }).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(topic, p, 0)));
        var found = new List<(JsonNode?, JsonNode)>();
        while (found.Count < count && consumer.Consume(TimeSpan.FromSeconds(20)) is { } record) found.Add((record.Message.Key is { } key ? JsonNode.Parse(key) : null, JsonNode.Parse(record.Message.Value)!));
        return found;
    }

    [Fact]
    public async Task Boundaries_and_places_are_those_that_Debezium_wrote()
    {
        var transactions = Transactions();
        Assert.True(transactions.Count >= 15 && transactions.Any(t => t.Changes.Length > 2), "the capture has many");
        await using (var sink = Sink())
        {
            foreach (var (_, end, changes) in transactions)
            {
                await WriteAsync(sink, changes);
                var last = changes[^1];
                sink.EndTransaction(new Checkpoint(last.Topic, last.Partition, long.Parse(IdOf(Json(end.Value)).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)));
            }

            var result = await sink.FlushAsync(Cancel);
            Assert.Empty(result.Stopped);
            Assert.Equal(transactions.Sum(t => t.Changes.Length), result.Tables.Sum(t => t.Applied));
        }

        var written = Read("again.transaction", 2 * transactions.Count).ToDictionary(b => (IdOf(b.Value), b.Value["payload"]!["status"]!.GetValue<string>()));
        Assert.Equal(2 * transactions.Count, written.Count);
        foreach (var real in transactions.SelectMany(t => new[] { t.Begin, t.End }))
        {
            var value = Json(real.Value);
            var (key, again) = written[(IdOf(value), value["payload"]!["status"]!.GetValue<string>())];
            Assert.True(JsonNode.DeepEquals(value, again), $"{value.ToJsonString()}\n{again.ToJsonString()}");
            Assert.True(JsonNode.DeepEquals(Json(real.Key), key), $"{key}");
        }

        foreach (var topic in transactions.SelectMany(t => t.Changes).GroupBy(c => c.Topic))
        {
            var places = Read($"again{topic.Key[topic.Key.IndexOf('.', StringComparison.Ordinal)..]}", topic.Count()).Select(m => m.Value["payload"]!["transaction"]!.ToJsonString()).Order();
            Assert.Equal(topic.Select(m => Json(m.Value)["payload"]!["transaction"]!.ToJsonString()).Order(), places);
        }
    }

    [Fact]
    public async Task What_was_written_is_read_as_boundaries_and_a_transaction_that_begins_ends_the_one_before()
    {
        var two = Transactions().Where(t => t.Changes.Length > 1).Take(2).ToList();
        await using (var sink = Sink(o => o.TransactionalId = null))
        {
            await WriteAsync(sink, two.SelectMany(t => t.Changes));
            sink.EndTransaction(new Checkpoint("another.topic", 0, 1));
            await sink.FlushAsync(Cancel);
        }

        // The second is still open: nothing of its own topic ended it.
        var boundaries = Read("again.transaction", 3);
        Assert.Equal(["BEGIN", "BEGIN", "END"], boundaries.Select(b => b.Value["payload"]!["status"]!.GetValue<string>()).Order());
        Assert.Equal(two[0].Changes.Length, boundaries.Single(b => b.Value["payload"]!["status"]!.GetValue<string>() == "END").Value["payload"]!["event_count"]!.GetValue<int>());
        Assert.All(boundaries, b =>
        {
            var message = new SourceMessage("again.transaction", 0, 0, Encoding.UTF8.GetBytes(b.Key!.ToJsonString()), Encoding.UTF8.GetBytes(b.Value.ToJsonString()));
            Assert.Equal(MessageKind.Transaction, new DebeziumReader().Read(in message, change));
        });
    }

    [Fact]
    public async Task Without_the_option_there_is_no_such_topic_and_no_place()
    {
        var one = Transactions()[0];
        await using (var sink = Sink(o => o.TransactionMetadata = false))
        {
            await WriteAsync(sink, one.Changes);
            sink.EndTransaction(new Checkpoint(one.Changes[0].Topic, 0, 1));
            await sink.FlushAsync(Cancel);
        }

        var topic = one.Changes[0].Topic;
        Assert.All(Read($"again{topic[topic.IndexOf('.', StringComparison.Ordinal)..]}", 1), m => Assert.Null(m.Value["payload"]!["transaction"]));
    }
}
