using Cdc.Debezium;
using Confluent.Kafka;

namespace Cdc.EndToEnd.Tests;

/// <summary>Looks, between two lives of the process, whether a committed offset lies above a row that is not in the engine.</summary>
internal static class Committed
{
    /// <returns>The rows that were committed and are in no table, and how many rows were looked at.</returns>
    public static async Task<(List<string> Lost, long Rows)> CheckAsync(RealParts stack, string group, string schema, IReadOnlyList<string> topics)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = stack.Bootstrap, GroupId = group, EnableAutoCommit = false, EnablePartitionEof = true }).Build();
        var partitions = Partitions(stack, topics);
        var ends = consumer.Committed(partitions, TimeSpan.FromSeconds(20)).Where(p => p.Offset.Value > 0).ToDictionary(p => p.TopicPartition, p => p.Offset.Value);
        var reader = new DebeziumReader();
        var change = new ChangeEvent();
        var newest = new Dictionary<(string Table, string Id), RowVersion>();
        var rows = 0L;
        foreach (var (partition, end) in ends)
        {
            consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
            while (consumer.Consume(TimeSpan.FromSeconds(20)) is { IsPartitionEOF: false } record && record.Offset.Value < end)
            {
                var message = new SourceMessage(record.Topic, record.Partition.Value, record.Offset.Value, record.Message.Key, record.Message.Value);
                if (reader.Read(in message, change) != MessageKind.Change) continue;
                rows++;
                var row = (change.Shape.Table.Name, change.Key[0].GetString());
                if (!newest.TryGetValue(row, out var known) || change.Version > known) newest[row] = change.Version;
            }
        }

        var lost = new List<string>();
        foreach (var table in newest.GroupBy(n => n.Key.Table))
        {
            var stored = (await stack.QueryAsync($"SELECT id, toString(max(_version)) FROM {schema}.{table.Key} GROUP BY id FORMAT TSV"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToDictionary(l => l[0], l => new RowVersion(UInt128.Parse(l[1])));
            lost.AddRange(table.Where(n => !stored.TryGetValue(n.Key.Id, out var version) || version < n.Value).Select(n => $"{n.Key.Table} {n.Key.Id} at {n.Value}"));
        }

        return (lost, rows);
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
