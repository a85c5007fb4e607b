using System.Globalization;
using System.Text;
using Cdc.Kafka.Internal;
using Confluent.Kafka;

namespace Cdc.Kafka;

/// <summary>
/// Keeps dead letters in a Kafka topic: the original key, value and headers, and why and whence as headers <c>cdc.*</c>.
/// A letter counts as kept only after all in-sync replicas have it.
/// </summary>
/// <remarks>The headers are text in UTF-8: <c>cdc.topic, cdc.partition, cdc.offset, cdc.timestamp, cdc.table, cdc.column, cdc.reason, cdc.detail, cdc.version</c>.
/// They follow the original ones, so of two with one name the last is ours. A message that could not be read again, or is too large for the topic, comes as headers alone and with <c>cdc.payload</c> = <c>missing</c> or <c>too large</c>.</remarks>
public sealed class KafkaDeadLetters : IDeadLetterSink
{
    private static readonly string Version = typeof(KafkaDeadLetters).Assembly.GetName().Version?.ToString(3) ?? "";
    private readonly KafkaDeadLetterOptions options;
    private readonly ClientConfiguration configuration;
    private readonly Lock gate = new();
    private IProducer<byte[]?, byte[]?>? producer;

    /// <summary>Makes the place. It connects with the first letter.</summary>
    /// <param name="options">Where the letters go.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public KafkaDeadLetters(KafkaDeadLetterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The dead letters' options are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.options = options;
        configuration = new ClientConfiguration(options.BootstrapServers, options.Configuration);
    }

    /// <summary>Raised for warnings and errors of the client, on a thread of the client: return soon and do not throw.</summary>
    public event Action<KafkaSourceEvent>? Happened;

    /// <inheritdoc/>
    /// <exception cref="ChangeSinkException">The brokers did not take the letter; it is transient when they may later.</exception>
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letter);
        try
        {
            await ProduceAsync(ToMessage(letter, withPayload: true, letter.Message is null ? "missing" : null), cancellationToken).ConfigureAwait(false);
        }
        catch (ProduceException<byte[]?, byte[]?> failure) when (failure.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge)
        {
            await ProduceAsync(ToMessage(letter, withPayload: false, "too large"), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Frees the producer. Letters whose writing was not awaited may be lost.</summary>
    public async ValueTask DisposeAsync()
    {
        IProducer<byte[]?, byte[]?>? last;
        lock (gate) (last, producer) = (producer, null);
        if (last is not null) await Task.Run(last.Dispose).ConfigureAwait(false);
    }

    private async Task ProduceAsync(Message<byte[]?, byte[]?> message, CancellationToken cancellationToken)
    {
        var current = Producer();
        try
        {
            var report = await current.ProduceAsync(options.Topic, message, cancellationToken).ConfigureAwait(false);
            if (report.Status != PersistenceStatus.Persisted) throw new ChangeSinkException($"The brokers did not confirm a dead letter in topic {options.Topic}.", isTransient: true);
        }
        catch (ProduceException<byte[]?, byte[]?> failure) when (failure.Error.Code is not (ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge))
        {
            if (failure.Error.IsFatal) Forget(current);
            throw Failure(failure.Error);
        }
    }

    private ChangeSinkException Failure(Error error)
    {
        var what = $"A dead letter could not be written to topic {options.Topic} ({error.Code}: {configuration.Redact(error.Reason)}).";
        return error.Code switch
        {
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => new ChangeSinkException($"{what} Create the topic.", isTransient: true),
            ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new ChangeSinkException($"{what} Grant WRITE on it.", isTransient: false),
            _ => new ChangeSinkException(what, isTransient: true),
        };
    }

    private Message<byte[]?, byte[]?> ToMessage(DeadLetter letter, bool withPayload, string? payload)
    {
        var headers = new Headers();
        foreach (var header in letter.Message?.Headers ?? []) headers.Add(options.HeaderPrefix + header.Name, header.Value?.ToArray());
        Add("cdc.topic", letter.Position.Topic);
        Add("cdc.partition", letter.Position.Partition.ToString(CultureInfo.InvariantCulture));
        Add("cdc.offset", letter.Position.Position.ToString(CultureInfo.InvariantCulture));
        if (letter.Message is { Timestamp: > 0 } dated) Add("cdc.timestamp", dated.Timestamp.ToString(CultureInfo.InvariantCulture));
        if (letter.Table is { } table) Add("cdc.table", table.ToString());
        if (letter.Column is { } column) Add("cdc.column", column);
        Add("cdc.reason", letter.Reason.ToString());
        Add("cdc.detail", letter.Detail);
        Add("cdc.version", Version);
        if (payload is not null) Add("cdc.payload", payload);
        return new Message<byte[]?, byte[]?>
        {
            Key = withPayload ? letter.Message?.Key?.ToArray() : null,
            Value = withPayload ? letter.Message?.Value?.ToArray() : null,
            Headers = headers,
        };

        void Add(string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
    }

    private IProducer<byte[]?, byte[]?> Producer()
    {
        lock (gate)
        {
            return producer ??= Clients.Build(configuration, () => new ProducerBuilder<byte[]?, byte[]?>(configuration.Producer(options.DeliveryTimeout))
                .SetLogHandler((_, line) => Clients.Tell(Tell, configuration, line))
                .SetErrorHandler((_, error) => Clients.Tell(Tell, configuration, error))
                .Build());
        }
    }

    private void Forget(IProducer<byte[]?, byte[]?> failed)
    {
        lock (gate)
        {
            if (producer == failed) producer = null;
        }

        failed.Dispose();
    }

    private void Tell(KafkaSourceEvent happened) => Happened?.Invoke(happened);
}
