using System.Text;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

public sealed class DeliveryTests : IDisposable
{
    private readonly MockCluster cluster = new();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Every_message_comes_once_and_in_the_order_of_its_partition()
    {
        cluster.Create("t", 3);
        Topics.Fill(cluster.BootstrapServers, "t", 3, 2000);
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")));
        await reading.WaitAsync(() => reading.Messages.Count >= 6000);
        foreach (var partition in reading.Messages.GroupBy(m => m.Partition))
        {
            Assert.Equal(Enumerable.Range(0, 2000).Select(i => ((long)i, $"{partition.Key}:{i}")), partition.Select(m => (m.Offset, m.Value!)));
        }

        await Eventually.IsAsync(() => Topics.Committed(cluster.BootstrapServers, "g", "t", 3).Values.Sum() == 6000);
    }

    [Fact]
    public async Task Null_and_empty_and_headers_come_as_they_were_sent()
    {
        cluster.Create("t");
        var headers = new Headers { { "__debezium.context.connectorName", Encoding.UTF8.GetBytes("postgresql") }, { "twice", [1] }, { "twice", null }, { "empty", [] } };
        await Topics.SendAsync(cluster.BootstrapServers, "t",
            new Message<byte[]?, byte[]?> { Key = "k"u8.ToArray(), Value = null, Timestamp = new Timestamp(1234, TimestampType.CreateTime) },
            new Message<byte[]?, byte[]?> { Key = null, Value = [] },
            new Message<byte[]?, byte[]?> { Key = [], Value = "v"u8.ToArray(), Headers = headers });
        await using var reading = new Reading(new KafkaChangeSource(Topics.Options(cluster.BootstrapServers, "g", "t")));
        await reading.WaitAsync(() => reading.Messages.Count == 3);
        var seen = reading.Messages.ToArray();
        Assert.Equal(("k", null, 1234L), (seen[0].Key, seen[0].Value, seen[0].Timestamp));
        Assert.Equal((null, ""), (seen[1].Key, seen[1].Value));
        Assert.Equal(("", "v"), (seen[2].Key, seen[2].Value));
        Assert.Empty(seen[0].Headers);
        Assert.Equal([("__debezium.context.connectorName", "postgresql"), ("twice", "\u0001"), ("twice", null), ("empty", "")], seen[2].Headers);
    }
}
