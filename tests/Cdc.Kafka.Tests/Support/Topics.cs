using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Cdc.Kafka.Tests;

/// <summary>Fills topics and looks at groups, as somebody else would.</summary>
internal static class Topics
{
    private static int names;

    public static string NewName(string stem) => $"{stem}-{Environment.ProcessId}-{Environment.TickCount64 % 1_000_000}-{Interlocked.Increment(ref names)}";

    public static KafkaSourceOptions Options(string servers, string group, params string[] topics)
    {
        var options = new KafkaSourceOptions { BootstrapServers = servers, GroupId = group, SessionTimeout = TimeSpan.FromSeconds(6), RequestTimeout = TimeSpan.FromSeconds(10) };
        options.Configuration["heartbeat.interval.ms"] = "300";
        options.Configuration["topic.metadata.refresh.interval.ms"] = "500";
        foreach (var topic in topics) options.Topics.Add(topic);
        return options;
    }

    public static IProducer<byte[]?, byte[]?> Producer(string servers) => new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
    {
        BootstrapServers = servers,
        LingerMs = 5,
        MessageTimeoutMs = 20_000,
        QueueBufferingMaxMessages = 1_000_000,
    }).Build();

    /// <summary>Puts <c>p:i</c> into each partition, i from first on.</summary>
    public static void Fill(string servers, string topic, int partitions, int count, int first = 0, int size = 0)
    {
        using var producer = Producer(servers);
        var failures = 0;
        for (var i = first; i < first + count; i++)
        {
            for (var p = 0; p < partitions; p++)
            {
                var text = Encoding.UTF8.GetBytes($"{p}:{i}".PadRight(size));
                producer.Produce(new TopicPartition(topic, p), new Message<byte[]?, byte[]?> { Key = text[..1], Value = text }, r =>
                {
                    if (r.Error.IsError) Interlocked.Increment(ref failures);
                });
            }
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        Assert.Equal(0, failures);
    }

    public static async Task SendAsync(string servers, string topic, params Message<byte[]?, byte[]?>[] messages)
    {
        using var producer = Producer(servers);
        foreach (var message in messages) await producer.ProduceAsync(new TopicPartition(topic, 0), message);
    }

    public static Dictionary<int, long> Committed(string servers, string group, string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = group }).Build();
        return consumer.Committed(Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)), TimeSpan.FromSeconds(20))
            .Where(o => o.Offset.Value >= 0).ToDictionary(o => o.Partition.Value, o => o.Offset.Value);
    }

    /// <summary>Commits as a group without members.</summary>
    public static void Commit(string servers, string group, string topic, int partition, long offset)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = group, EnableAutoCommit = false }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, offset));
        consumer.Commit([new TopicPartitionOffset(topic, partition, offset)]);
        consumer.Close();
    }

    public static async Task CreateAsync(string servers, string topic, int partitions, params (string Name, string Value)[] settings)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = settings.ToDictionary(s => s.Name, s => s.Value) }]);
    }

    public static async Task GrowAsync(string servers, string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = partitions }]);
    }

    public static async Task DeleteAsync(string servers, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.DeleteTopicsAsync([topic]);
        await Eventually.IsAsync(() => admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.TrueForAll(t => t.Topic != topic));
    }
}
