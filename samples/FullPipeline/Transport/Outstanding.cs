using System.Buffers;
using Cdc;
using Confluent.Kafka;

namespace FullPipeline;

/// <summary>
/// What was written to the embedded broker and is not in ClickHouse yet: a partition's messages begin at 0, and what the consumer group committed is durable.
/// Used by the producer's loop alone.
/// </summary>
internal sealed class Outstanding : IChangeWriter, IDisposable
{
    private const long MostBytes = 12 << 20; // the sales' partitions together keep 20 MB
    private readonly IChangeWriter writer;
    private readonly IConsumer<Ignore, Ignore> group;
    private readonly List<TopicPartition> partitions;
    private readonly ArrayBufferWriter<byte> scratch = new();
    private long messages;
    private long own;
    private long bytes;
    private long durable;

    /// <param name="writer">Writes the messages.</param>
    /// <param name="partitions">Where to; what a producer before left in them counts too.</param>
    /// <param name="bootstrap">The broker.</param>
    /// <param name="groupId">Who reads it.</param>
    public Outstanding(IChangeWriter writer, IEnumerable<TopicPartition> partitions, string bootstrap, string groupId)
    {
        (this.writer, this.partitions) = (writer, [.. partitions]);
        group = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = groupId, EnableAutoCommit = false }).Build();
        messages = Ends().Values.Sum();
    }

    public string? OldKeyHeader => writer.OldKeyHeader;

    /// <summary>Whether the broker should get no more for now.</summary>
    public bool IsFull => own > 0 && (messages - durable) * (bytes / own) > MostBytes;

    public bool Write(ChangeEvent change, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        scratch.ResetWrittenCount();
        var hasKey = writer.Write(change, key, scratch);
        value.Write(scratch.WrittenSpan);
        messages++;
        own++;
        bytes += scratch.WrittenCount;
        return hasKey;
    }

    public bool WriteOldKey(ChangeEvent change, IBufferWriter<byte> header) => writer.WriteOldKey(change, header);

    /// <summary>Where each partition ends. After a flush of the sink that is everything written.</summary>
    public IReadOnlyDictionary<TopicPartition, long> Ends() => partitions.ToDictionary(p => p, p => group.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(10)).High.Value);

    /// <summary>How far each partition is durable in ClickHouse.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> DurableAsync(CancellationToken cancellationToken)
    {
        try
        {
            var committed = await Task.Run(() => group.Committed(partitions, TimeSpan.FromSeconds(5)), cancellationToken);
            var known = committed.ToDictionary(c => c.TopicPartition, c => Math.Max(0, c.Offset.Value));
            durable = known.Values.Sum();
            return known;
        }
        catch (KafkaException)
        {
            return new Dictionary<TopicPartition, long>(); // nothing is confirmed on a guess
        }
    }

    public void Dispose() => group.Dispose();
}
