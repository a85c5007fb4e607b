using System.Buffers;
using Cdc;
using Confluent.Kafka;

namespace FullPipeline;

/// <summary>
/// What was written to the embedded broker and is not in ClickHouse yet. Each topic has one partition and begins at 0, so its messages count its offsets, and
/// the consumer group's committed offset is what is durable. Used by the producer's loop alone.
/// </summary>
internal sealed class Outstanding : IChangeWriter, IDisposable
{
    private const long MostBytes = 3 << 20; // well below what the broker keeps of a partition
    private readonly IChangeWriter writer;
    private readonly IConsumer<Ignore, Ignore> group;
    private readonly Dictionary<string, long> written = [];
    private readonly Func<TableId, string> topicOf;
    private readonly ArrayBufferWriter<byte> scratch = new();
    private long messages;
    private long own;
    private long bytes;
    private long durable;

    /// <param name="writer">Writes the messages.</param>
    /// <param name="topics">The topics; what a producer before left in them counts too.</param>
    /// <param name="topicOf">The topic of a table.</param>
    /// <param name="bootstrap">The broker.</param>
    /// <param name="groupId">Who reads it.</param>
    public Outstanding(IChangeWriter writer, IEnumerable<string> topics, Func<TableId, string> topicOf, string bootstrap, string groupId)
    {
        (this.writer, this.topicOf) = (writer, topicOf);
        group = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = groupId, EnableAutoCommit = false }).Build();
        foreach (var topic in topics) messages += written[topic] = group.QueryWatermarkOffsets(new TopicPartition(topic, 0), TimeSpan.FromSeconds(10)).High.Value;
    }

    public string? OldKeyHeader => writer.OldKeyHeader;

    /// <summary>Whether the broker should get no more for now.</summary>
    public bool IsFull => own > 0 && (messages - durable) * (bytes / own) > MostBytes;

    /// <summary>How many messages each topic got so far.</summary>
    public IReadOnlyDictionary<string, long> Written => written;

    public bool Write(ChangeEvent change, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        scratch.ResetWrittenCount();
        var hasKey = writer.Write(change, key, scratch);
        value.Write(scratch.WrittenSpan);
        var topic = topicOf(change.Shape.Table);
        written[topic]++;
        messages++;
        own++;
        bytes += scratch.WrittenCount;
        return hasKey;
    }

    public bool WriteOldKey(ChangeEvent change, IBufferWriter<byte> header) => writer.WriteOldKey(change, header);

    /// <summary>How many messages of each topic are durable in ClickHouse.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DurableAsync(CancellationToken cancellationToken)
    {
        var partitions = written.Keys.Select(t => new TopicPartition(t, 0)).ToList();
        try
        {
            var committed = await Task.Run(() => group.Committed(partitions, TimeSpan.FromSeconds(5)), cancellationToken);
            var known = committed.ToDictionary(c => c.Topic, c => Math.Max(0, c.Offset.Value));
            durable = known.Values.Sum();
            return known;
        }
        catch (KafkaException)
        {
            return new Dictionary<string, long>(); // nothing is confirmed on a guess
        }
    }

    public void Dispose() => group.Dispose();
}
