using System.Globalization;
using System.Text;
using Cdc.Debezium;
using Confluent.Kafka;

namespace Cdc.EndToEnd.Tests;

/// <summary>Looks, between two lives of the process, whether a committed offset lies above a row that is neither in the engine nor in the dead letters.</summary>
internal sealed class Committed(RealParts stack, Feed feed)
{
    private readonly Dictionary<TopicPartition, long> read = [];
    private readonly Dictionary<(string Table, string Id), (RowVersion Version, TopicPartitionOffset Position)> newest = [];
    private readonly HashSet<TopicPartitionOffset> letters = [];
    private long lettersRead;
    private readonly DebeziumReader reader = new();

    /// <summary>The committed rows that were looked at.</summary>
    public long Rows { get; private set; }

    /// <summary>The messages that the dead letters hold; one that came twice counts once.</summary>
    public int DeadLetters => letters.Count;

    /// <returns>The rows that were committed and are in no table and no dead letter.</returns>
    public async Task<List<string>> LostAsync()
    {
        Read();
        ReadLetters();
        var lost = new List<string>();
        foreach (var table in newest.GroupBy(n => n.Key.Table))
        {
            var stored = (await stack.QueryAsync($"SELECT id, toString(max(_version)) FROM {feed.Name}.{table.Key} GROUP BY id FORMAT TSV"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToDictionary(l => l[0], l => new RowVersion(UInt128.Parse(l[1])));
            lost.AddRange(table.Where(n => !stored.TryGetValue(n.Key.Id, out var version) || version < n.Value.Version).Where(n => !letters.Contains(n.Value.Position)).Select(n => $"{n.Key.Table} {n.Key.Id} at {n.Value}"));
        }

        return lost;
    }

    // From where the last look ended: what was committed then is still the group's past.
    private void Read()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = stack.Bootstrap, GroupId = feed.Group, EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        var change = new ChangeEvent();
        foreach (var end in consumer.Committed(Partitions(stack, feed.TopicNames), TimeSpan.FromSeconds(20)).Where(p => p.Offset.Value > read.GetValueOrDefault(p.TopicPartition)))
        {
            consumer.Assign(new TopicPartitionOffset(end.TopicPartition, read.GetValueOrDefault(end.TopicPartition)));
            while (consumer.Consume(TimeSpan.FromSeconds(20)) is { IsPartitionEOF: false } record && record.Offset.Value < end.Offset.Value)
            {
                var message = new SourceMessage(record.Topic, record.Partition.Value, record.Offset.Value, record.Message.Key, record.Message.Value);
                if (reader.Read(in message, change) != MessageKind.Change) continue;
                Rows++;
                var row = (change.Shape.Table.Name, change.Key[0].GetString());
                if (!newest.TryGetValue(row, out var known) || change.Version > known.Version) newest[row] = (change.Version, record.TopicPartitionOffset);
            }

            read[end.TopicPartition] = end.Offset.Value;
        }
    }

    private void ReadLetters()
    {
        var topic = $"{feed.Group}.dead-letters";
        if (!Exist(stack, [topic])) return;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = stack.Bootstrap, GroupId = $"{feed.Group}-letters", EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, lettersRead));
        while (consumer.Consume(TimeSpan.FromSeconds(20)) is { IsPartitionEOF: false } record)
        {
            string Header(string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));
            letters.Add(new TopicPartitionOffset(Header("cdc.topic"), int.Parse(Header("cdc.partition"), CultureInfo.InvariantCulture), long.Parse(Header("cdc.offset"), CultureInfo.InvariantCulture)));
            lettersRead = record.Offset.Value + 1;
        }
    }

    public static bool Exist(RealParts stack, IReadOnlyList<string> topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = stack.Bootstrap }).Build();
        var existing = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).ToHashSet();
        return topics.All(existing.Contains);
    }

    /// <summary>Messages that the group has not committed yet.</summary>
    public static long Lag(RealParts stack, string group, IReadOnlyList<string> topics)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = stack.Bootstrap, GroupId = group, EnableAutoCommit = false }).Build();
        return consumer.Committed(Partitions(stack, topics), TimeSpan.FromSeconds(20))
            .Sum(p => consumer.QueryWatermarkOffsets(p.TopicPartition, TimeSpan.FromSeconds(20)).High.Value - Math.Max(0, p.Offset.Value));
    }

    private static List<TopicPartition> Partitions(RealParts stack, IReadOnlyList<string> topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = stack.Bootstrap }).Build();
        return [.. topics.SelectMany(t => admin.GetMetadata(t, TimeSpan.FromSeconds(20)).Topics.Single().Partitions.Select(p => new TopicPartition(t, p.PartitionId)))];
    }
}
