using System.Buffers;
using Cdc.Kafka.Internal;
using Confluent.Kafka;

namespace Cdc.Kafka;

/// <summary>
/// Writes changes to Kafka, one topic for each table, in the form of an <see cref="IChangeWriter"/>: with Cdc.Debezium's the topics are such as Debezium's connector makes.
/// The key decides the partition as Java's clients do, so that changes of one row stay in order; a flush completes when all in-sync replicas have everything.
/// </summary>
/// <remarks>
/// What the brokers cannot take now waits in memory up to <see cref="KafkaSinkOptions.MaxBufferedBytes"/>, without a time limit. After a crash changes come again: the envelope's version tells repeats.
/// A topic that the brokers refuse stops its table; a message above the topic's size is a dead letter.
/// </remarks>
public sealed class KafkaChangeSink : IChangeSink
{
    private readonly KafkaSinkOptions options;
    private readonly IChangeWriter writer;
    private readonly ClientConfiguration configuration;
    private readonly Dictionary<TableId, SinkTopic> topics = [];
    private readonly ArrayBufferWriter<byte> key = new();
    private readonly ArrayBufferWriter<byte> value = new();
    private readonly ArrayBufferWriter<byte> header = new();
    private readonly Lock gate = new();
    private readonly SinkTransactions? transactions;
    private IProducer<byte[]?, byte[]?>? producer;
    private bool inTransaction;
    private int waiting;
    private long waitingBytes;
    private Error? failure;

    /// <summary>Makes the sink. It connects with the first change.</summary>
    /// <param name="options">How it writes.</param>
    /// <param name="writer">The form of the messages.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public KafkaChangeSink(KafkaSinkOptions options, IChangeWriter writer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(writer);
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The Kafka sink's options are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.options = options;
        this.writer = writer;
        transactions = options.TransactionMetadata ? new SinkTransactions($"{options.TopicPrefix}.transaction", writer) : null;
        configuration = new ClientConfiguration(options.BootstrapServers, options.Configuration);
    }

    /// <summary>Raised for warnings and errors of the client, on a thread of the client: return soon and do not throw.</summary>
    public event Action<KafkaSourceEvent>? Happened;

    /// <inheritdoc/>
    public bool TryAppend(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (producer is not { } current || Interlocked.Read(ref waitingBytes) > options.MaxBufferedBytes) return false;
        var topic = Of(change.Shape.Table);
        if (topic.Stopped is { } stopped) throw stopped;
        var origin = new Checkpoint(change.Topic, change.Partition, change.Offset);
        if (transactions?.IsNew(change) == true)
        {
            if (transactions.End(0) is { } end) Produce(current, transactions.Topic, transactions.Last, end, counts: false);
            if (transactions.Begin(change) is { } begin) Produce(current, transactions.Topic, origin, begin, counts: false);
        }

        transactions?.Note(change, origin);
        var headers = Write(change, out var hasKey);
        var keyBytes = hasKey ? key.WrittenSpan.ToArray() : null;
        Produce(current, topic, origin, new Message<byte[]?, byte[]?> { Key = keyBytes, Value = value.WrittenSpan.ToArray(), Headers = headers });
        if (change.Operation == ChangeOperation.Delete && options.Tombstones && hasKey) Produce(current, topic, origin, new Message<byte[]?, byte[]?> { Key = keyBytes }, counts: false);
        return true;
    }

    /// <inheritdoc/>
    public void EndTransaction(Checkpoint at)
    {
        if (producer is not { } current || transactions is null || transactions.Last.Topic != at.Topic || transactions.Last.Partition != at.Partition) return;
        if (transactions.End(at.Position) is { } end) Produce(current, transactions.Topic, transactions.Last, end, counts: false);
    }

    /// <inheritdoc/>
    /// <exception cref="ChangeSinkException">The producer cannot be made.</exception>
    public async ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        if (producer is null) await Task.Run(Connect, cancellationToken).ConfigureAwait(false);
        while (Interlocked.Read(ref waitingBytes) > options.MaxBufferedBytes / 2) await SendAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ChangeSinkException">What was taken is lost to this sink, and nothing of it may be committed: begin anew with another.</exception>
    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        await DeliverAsync(cancellationToken).ConfigureAwait(false);
        if (inTransaction) await CommitAsync(cancellationToken).ConfigureAwait(false);
        var flushes = new List<TableFlush>();
        var rejections = new List<RowRejection>();
        var stops = new List<TableStop>();
        lock (gate)
        {
            foreach (var topic in topics.Values) topic.Collect(flushes, rejections, stops);
            transactions?.Topic.Collect(flushes, rejections, stops);
        }

        return flushes.Count + rejections.Count + stops.Count == 0 ? FlushResult.Empty : new FlushResult(flushes, rejections, stops);
    }

    /// <inheritdoc/>
    public async ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(truncate);
        while (!TryAppend(truncate)) await PrepareAsync(truncate, cancellationToken).ConfigureAwait(false);
        await DeliverAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Frees the producer without a flush: what was not flushed may be in Kafka or not, and its positions must not be committed. An open transaction is aborted.</summary>
    public async ValueTask DisposeAsync()
    {
        if (producer is not { } last) return;
        producer = null;
        await Task.Run(() => End(last)).ConfigureAwait(false);
    }

    private void End(IProducer<byte[]?, byte[]?> last)
    {
        try
        {
            // Else readers would wait behind it until it times out.
            if (inTransaction) last.AbortTransaction(TimeSpan.FromSeconds(10));
        }
        catch (KafkaException failed)
        {
            Clients.Tell(e => Happened?.Invoke(e), configuration, failed.Error);
        }

        last.Dispose();
    }

    private Headers? Write(ChangeEvent change, out bool hasKey)
    {
        key.ResetWrittenCount();
        value.ResetWrittenCount();
        header.ResetWrittenCount();
        hasKey = writer.Write(change, key, value);
        return writer.OldKeyHeader is { } name && writer.WriteOldKey(change, header) ? new Headers { { name, header.WrittenSpan.ToArray() } } : null;
    }

    private void Produce(IProducer<byte[]?, byte[]?> current, SinkTopic topic, Checkpoint origin, Message<byte[]?, byte[]?> message, bool counts = true)
    {
        if (options.TransactionalId is not null && !inTransaction)
        {
            current.BeginTransaction();
            inTransaction = true;
        }

        var bytes = (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
        Interlocked.Increment(ref waiting);
        Interlocked.Add(ref waitingBytes, bytes);
        try
        {
            current.Produce(topic.Name, message, report => Delivered(topic, origin, report.Error, bytes, counts));
        }
        catch (ProduceException<byte[]?, byte[]?> refused)
        {
            Delivered(topic, origin, refused.Error, bytes, counts);
        }
    }

    private void Delivered(SinkTopic topic, Checkpoint origin, Error error, int bytes, bool counts)
    {
        lock (gate)
        {
            switch (error.Code)
            {
                case ErrorCode.NoError:
                    topic.Applied(bytes, counts);
                    break;
                case ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge:
                    topic.Reject(origin, "the message is larger than the topic takes; raise max.message.bytes of the topic and message.max.bytes of the producer");
                    break;
                case ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition:
                    topic.Stop(origin, $"topic {topic.Name} does not exist. Create it, or let the brokers create topics");
                    break;
                case ErrorCode.TopicAuthorizationFailed:
                    topic.Stop(origin, $"topic {topic.Name} may not be written. Grant WRITE on it");
                    break;
                default:
                    failure ??= error;
                    break;
            }
        }

        Interlocked.Add(ref waitingBytes, -bytes);
        Interlocked.Decrement(ref waiting);
    }

    /// <summary>Completes when the brokers have answered for everything that was taken.</summary>
    private async ValueTask DeliverAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref waiting) > 0 && failure is null) await SendAsync(cancellationToken).ConfigureAwait(false);
        ThrowIfFailed();
    }

    // Flushing sends at once what lingers; its own time limit only lets a cancellation through.
    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var current = producer!;
        await Task.Run(() => current.Flush(TimeSpan.FromMilliseconds(100)), CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        var current = producer!;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await Task.Run(() => current.CommitTransaction(TimeSpan.FromSeconds(10)), CancellationToken.None).ConfigureAwait(false);
                inTransaction = false;
                return;
            }
            catch (KafkaRetriableException)
            {
                // The commit goes on in the client: the same call again waits for it.
            }
            catch (KafkaException refused)
            {
                failure = refused.Error;
                ThrowIfFailed();
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (failure is { } error) throw new ChangeSinkException($"The producer lost what was taken ({error.Code}: {configuration.Redact(error.Reason)}). Nothing of it was committed; start the pipeline again.", isTransient: false);
    }

    private void Connect()
    {
        var settings = configuration.Producer(TimeSpan.Zero);
        settings.TryAdd("partitioner", "murmur2_random");
        settings.TryAdd("queue.buffering.max.messages", "0");
        settings.TryAdd("queue.buffering.max.kbytes", "2097151");
        if (options.TransactionalId is { } id)
        {
            settings["transactional.id"] = id;
            settings.Remove("message.timeout.ms"); // the transaction's own
        }

        var made = Clients.Build(configuration, () => new ProducerBuilder<byte[]?, byte[]?>(settings)
            .SetLogHandler((_, line) => Clients.Tell(e => Happened?.Invoke(e), configuration, line))
            .SetErrorHandler((_, error) => Clients.Tell(e => Happened?.Invoke(e), configuration, error))
            .Build());
        try
        {
            if (options.TransactionalId is not null) made.InitTransactions(TimeSpan.FromSeconds(30));
        }
        catch (KafkaException refused)
        {
            made.Dispose();
            throw new ChangeSinkException($"The producer's transactions cannot begin ({refused.Error.Code}: {configuration.Redact(refused.Error.Reason)}).", isTransient: refused is KafkaRetriableException || refused.Error.Code == ErrorCode.Local_TimedOut);
        }

        producer = made;
    }

    private SinkTopic Of(TableId table)
    {
        if (topics.TryGetValue(table, out var topic)) return topic;
        lock (gate) return topics[table] = new SinkTopic(table, options.Topic?.Invoke(table) ?? SinkTopic.NameOf(options.TopicPrefix, table));
    }
}
