using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Cdc.Debezium;
using Cdc.TestSupport;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

/// <summary>Changes of the corpus, written to a broker and read again.</summary>
public sealed class ChangeSinkTests(RealBroker real) : IDisposable
{
    private static readonly JsonTypeInfo<JsonNode> Json = (JsonTypeInfo<JsonNode>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonNode));
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Servers => cluster.BootstrapServers;

    private static SourceMessage[] Messages(Func<SourceMessage, bool> which) => [.. Corpus.Messages("postgres/schema").Where(which)];

    private static SourceMessage[] Sales() => Messages(m => m.Topic == "schema.franco.sales");

    private static KafkaChangeSink Sink(string servers, Action<KafkaSinkOptions>? set = null)
    {
        var options = new KafkaSinkOptions { BootstrapServers = servers, TopicPrefix = "again" };
        set?.Invoke(options);
        return new KafkaChangeSink(options, new DebeziumWriter(new DebeziumWriterOptions { IncludeSchema = true, TopicPrefix = "again" }));
    }

    private static async Task AppendAsync(KafkaChangeSink sink, IEnumerable<SourceMessage> messages)
    {
        var reader = new DebeziumReader(DebeziumOptions.FromConnector(Encoding.UTF8.GetBytes(Corpus.Connector("postgres/schema"))));
        var change = new ChangeEvent();
        foreach (var message in messages)
        {
            if (reader.Read(in message, change) != MessageKind.Change) continue;
            while (!sink.TryAppend(change)) await sink.PrepareAsync(change, Cancel);
        }
    }

    /// <summary>What a reader makes of messages: the changes of each key in their order, the version as the source gave it.</summary>
    private static ILookup<string, string> Events(DebeziumReader reader, IEnumerable<SourceMessage> messages)
    {
        var change = new ChangeEvent();
        var events = new List<(string Key, string Text)>();
        foreach (var message in messages)
        {
            if (reader.Read(in message, change) != MessageKind.Change) continue;
            string Text(RowImage row) => row.IsPresent ? row.As(Json)!.ToJsonString() : "-";
            events.Add(($"{change.Shape.Table.Schema}.{change.Shape.Table.Name} {Text(change.Key)}", $"{change.Operation} {change.Version.Commit} {change.Version.Event} {change.Version.Rank} {change.SourceTimestamp} {Text(change.OldKey)} {Text(change.Before)} {Text(change.After)}"));
        }

        return events.ToLookup(e => e.Key, e => e.Text);
    }

    private static async Task<List<SourceMessage>> ReadAllAsync(string servers, IEnumerable<string> topics, int count)
    {
        await using var source = new KafkaChangeSource(Topics.Options(servers, $"look-{Guid.NewGuid():N}", [.. topics]));
        var messages = new List<SourceMessage>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var batch in source.ReadAsync(limit.Token))
        {
            messages.AddRange(batch.Messages.ToArray().Select(m => new SourceMessage(m.Topic, m.Partition, m.Offset, m.Key is { } k ? (ReadOnlyMemory<byte>?)k.ToArray() : null, m.Value is { } v ? (ReadOnlyMemory<byte>?)v.ToArray() : null) { Headers = [.. (m.Headers ?? []).Select(h => new MessageHeader(h.Name, h.Value?.ToArray()))] }));
            if (messages.Count >= count) return messages;
        }

        throw new InvalidOperationException("the source ended");
    }

    [Fact]
    public async Task What_is_read_from_its_topics_is_what_was_written_for_every_table_and_type()
    {
        // The reader refuses deletes of ident.idx, whose key is not the primary key; evo.bulk is more of the same.
        var written = Messages(m => m is { Value: not null } && m.Topic is not ("schema.evo.bulk" or "schema.message" or "schema.ident.idx"));
        var expected = Events(new DebeziumReader(DebeziumOptions.FromConnector(Encoding.UTF8.GetBytes(Corpus.Connector("postgres/schema")))), written);
        var topics = written.Select(m => $"again.{m.Topic[7..]}").Distinct().ToList();
        foreach (var topic in topics) cluster.Create(topic, 3);
        await using var sink = Sink(Servers);
        await AppendAsync(sink, written);
        var result = await sink.FlushAsync(Cancel);
        Assert.Empty(result.Rejected);
        Assert.Empty(result.Stopped);
        Assert.Equal(expected.Sum(e => e.Count()), result.Tables.Sum(t => t.Applied));

        var deletes = expected.Sum(e => e.Count(t => t.StartsWith("Delete", StringComparison.Ordinal)));
        Assert.True(deletes > 20, $"{deletes}");
        var read = await ReadAllAsync(Servers, topics, expected.Sum(e => e.Count()) + deletes - Keyless(written));
        Assert.Equal(deletes - Keyless(written), read.Count(m => m.Value is null));
        Assert.Contains(read, m => m.Headers!.Any(h => h.Name == "__debezium.oldkey"));
        var actual = Events(new DebeziumReader(new DebeziumOptions()), read.Where(m => m.Value is not null));
        foreach (var key in expected)
        {
            // Without a key changes are spread over the partitions.
            if (key.Key.EndsWith(" -", StringComparison.Ordinal)) Assert.Equal(key.Order(StringComparer.Ordinal), actual[key.Key].Order(StringComparer.Ordinal));
            else Assert.Equal(key, actual[key.Key]);
        }

        Assert.Equal(expected.Count, actual.Count);
    }

    private static int Keyless(IEnumerable<SourceMessage> messages) => messages.Count(m => m.Key is null && m.Topic == "schema.ident.nopk" && m.Value!.Value.Span.IndexOf("\"op\":\"d\""u8) >= 0);

    [Fact]
    public async Task Keys_go_to_the_partitions_that_Java_clients_choose()
    {
        cluster.Create("again.franco.sales", 3);
        await using var sink = Sink(Servers);
        await AppendAsync(sink, Sales());
        await sink.FlushAsync(Cancel);
        var read = await ReadAllAsync(Servers, ["again.franco.sales"], Sales().Count(m => m.Value is not null));
        Assert.All(read, m => Assert.Equal((int)((Murmur2(m.Key!.Value.Span) & 0x7fffffff) % 3), m.Partition));
        Assert.Equal(3, read.Select(m => m.Partition).Distinct().Count());
    }

    [Fact]
    public async Task A_flush_waits_for_brokers_that_are_away_and_loses_nothing()
    {
        cluster.Create("again.franco.sales", 1);
        await using var sink = Sink(Servers);
        await AppendAsync(sink, Sales().Take(10));
        await sink.FlushAsync(Cancel);
        cluster.SetDown();
        await AppendAsync(sink, Sales().Skip(10).Take(90));
        var flushing = sink.FlushAsync(Cancel).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => flushing.WaitAsync(TimeSpan.FromSeconds(1), Cancel));
        cluster.SetUp();
        Assert.Equal(90, Assert.Single((await flushing.WaitAsync(TimeSpan.FromSeconds(60), Cancel)).Tables).Applied);
    }

    [Fact]
    public async Task What_waits_is_bounded_and_a_call_that_waits_can_be_abandoned()
    {
        cluster.Create("again.franco.sales", 1);
        await using var sink = Sink(Servers, o => o.MaxBufferedBytes = 1 << 20);
        await AppendAsync(sink, Sales().Take(1));
        await sink.FlushAsync(Cancel);
        cluster.SetDown();
        var reader = new DebeziumReader(new DebeziumOptions());
        var change = new ChangeEvent();
        var taken = 0L;
        foreach (var message in Sales().Where(m => m.Value is not null))
        {
            reader.Read(in message, change);
            if (!sink.TryAppend(change)) break;
            taken += message.Value!.Value.Length;
        }

        Assert.InRange(taken, 512 << 10, 2 << 20);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sink.PrepareAsync(change, soon.Token).AsTask());
        cluster.SetUp();
        var rows = Assert.Single((await sink.FlushAsync(Cancel)).Tables).Applied;
        Assert.InRange(rows, 100, Sales().Length);
    }

    [Fact]
    public async Task A_topic_that_may_not_be_written_stops_its_table_and_holds_its_positions()
    {
        cluster.Create("again.franco.sales", 1);
        cluster.Create("again.franco.customer", 1);
        cluster.Refuse("again.franco.sales", ErrorCode.TopicAuthorizationFailed);
        await using var sink = Sink(Servers);
        var customers = Messages(m => m.Topic == "schema.franco.customer" && m.Value is not null);
        await AppendAsync(sink, [.. Sales().Take(5), .. customers]);
        var result = await sink.FlushAsync(Cancel);
        var stop = Assert.Single(result.Stopped);
        Assert.Contains("Grant WRITE", stop.Cause.Reason, StringComparison.Ordinal);
        Assert.Equal(5, stop.Rows);
        Assert.Equal(Sales().Take(5).Min(m => m.Offset), Assert.Single(stop.FirstHeld).Position);
        Assert.Equal(customers.Length, Assert.Single(result.Tables).Applied);
        await Assert.ThrowsAsync<TableStoppedException>(() => AppendAsync(sink, Sales().Take(1)));
    }

    [Fact]
    public async Task A_message_too_large_for_the_producer_is_refused_by_position()
    {
        cluster.Create("again.franco.sales", 1);
        await using var sink = Sink(Servers, o => o.Configuration["message.max.bytes"] = "1000");
        await AppendAsync(sink, Sales().Take(1));
        var refused = Assert.Single((await sink.FlushAsync(Cancel)).Rejected);
        Assert.Equal(DeadLetterReason.TargetRefused, refused.Reason);
        Assert.Equal(new Checkpoint("schema.franco.sales", Sales()[0].Partition, Sales()[0].Offset), refused.Position);
    }

    [Fact]
    public async Task A_flush_can_be_one_transaction_which_readers_see_whole_or_not_at_all()
    {
        var servers = real.Servers;
        var topic = Topics.NewName("again.franco.sales");
        void Transactional(KafkaSinkOptions o) => (o.Topic, o.TransactionalId) = (_ => topic, topic);
        await using (var dies = Sink(servers, Transactional))
        {
            await AppendAsync(dies, Sales().Take(20));
        }

        await using var sink = Sink(servers, Transactional);
        await AppendAsync(sink, Sales().Skip(20).Take(30));
        Assert.Equal(30, Assert.Single((await sink.FlushAsync(Cancel)).Tables).Applied);
        await AppendAsync(sink, Sales().Skip(50).Take(7));
        await sink.FlushAsync(Cancel);
        var read = await ReadAllAsync(servers, [topic], 37);
        Assert.Equal(Payloads(Sales().Skip(20).Take(37)), Payloads(read));
    }

    private static List<string> Payloads(IEnumerable<SourceMessage> messages) => [.. messages.Select(m => JsonNode.Parse(m.Key!.Value.Span)!["payload"]!.ToJsonString())];

    [Fact]
    public void All_problems_of_the_options_come_in_one_error()
    {
        var refused = Assert.Throws<ArgumentException>(() => new KafkaChangeSink(new KafkaSinkOptions { MaxBufferedBytes = 1, TransactionalId = "", Configuration = { ["acks"] = "0" } }, new DebeziumWriter()));
        foreach (var name in new[] { "BootstrapServers", "TopicPrefix", "MaxBufferedBytes", "TransactionalId", "acks" }) Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    // As org.apache.kafka.common.utils.Utils.murmur2 is specified.
    private static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        var h = 0x9747b28c ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var k = BitConverter.ToUInt32(data) * m;
            h = (h * m) ^ ((k ^ (k >> 24)) * m);
        }

        if (data.Length > 2) h ^= (uint)data[2] << 16;
        if (data.Length > 1) h ^= (uint)data[1] << 8;
        if (data.Length > 0) h = (h ^ data[0]) * m;
        h = (h ^ (h >> 13)) * m;
        return h ^ (h >> 15);
    }
}
