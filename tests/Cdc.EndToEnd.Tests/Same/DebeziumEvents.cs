using System.Globalization;
using System.Text.Json;
using Cdc.Debezium;
using Confluent.Kafka;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>Reads a connector's topics to their ends, in the order in which the connector sent.</summary>
internal static class DebeziumEvents
{
    /// <summary>Reads them when a change has come that is the last of all.</summary>
    public static SourceEvents Read(string bootstrap, string prefix, Func<ChangeEvent, bool> isLast)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = $"same-{prefix}", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        var deadline = DateTime.UtcNow.AddMinutes(3);
        while (true)
        {
            var (events, isComplete) = ReadOnce(consumer, Topics(bootstrap, prefix), prefix, isLast);

            // The end of a transaction is told when the connector is at its end.
            if (isComplete && events.Transactions.Count > 0 && events.Transactions[^1].Id == SourceEvents.TransactionOf(events.Streamed.MaxBy(c => c.Version.Value)!)) return events;
            Assert.True(DateTime.UtcNow < deadline, $"Debezium's last change did not come; {events.Changes.Count} did");
            Thread.Sleep(500);
        }
    }

    private static List<string> Topics(string bootstrap, string prefix)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        return [.. admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(t => t.StartsWith($"{prefix}.", StringComparison.Ordinal))];
    }

    private static (SourceEvents Events, bool IsComplete) ReadOnce(IConsumer<byte[], byte[]> consumer, List<string> topics, string prefix, Func<ChangeEvent, bool> isLast)
    {
        var events = new SourceEvents();
        var isComplete = false;
        var reader = new DebeziumReader(new DebeziumOptions { TopicPrefix = prefix, ReplicaIdentities = { ["ident.idx"] = ReplicaIdentity.Index } });
        var change = new ChangeEvent();
        consumer.Assign(topics.Select(t => new TopicPartitionOffset(t, 0, Offset.Beginning)));
        for (var left = topics.Count; left > 0;)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException("a topic has no end");
            if (record.IsPartitionEOF)
            {
                left--;
                continue;
            }

            var message = new SourceMessage(record.Topic, record.Partition.Value, record.Offset.Value, record.Message.Key, record.Message.Value)
            {
                Headers = [.. record.Message.Headers.Select(h => new MessageHeader(h.Key, h.GetValueBytes()))],
            };
            var kind = events.Read(reader, in message, change);
            if (kind == MessageKind.Transaction) Note(record.Message.Value, events);
            isComplete |= kind == MessageKind.Change && isLast(change);
        }

        return (events, isComplete);
    }

    // {"status":"END","id":"90471:166356464"}: the transaction and the end of its commit record.
    private static void Note(byte[] value, SourceEvents events)
    {
        using var json = JsonDocument.Parse(value);
        var payload = json.RootElement.TryGetProperty("payload", out var inner) ? inner : json.RootElement;
        if (payload.GetProperty("status").GetString() != "END") return;
        var id = payload.GetProperty("id").GetString()!.Split(':');
        events.Transactions.Add(new SourceTransaction(id[0], ulong.Parse(id[1], CultureInfo.InvariantCulture)));
    }
}
