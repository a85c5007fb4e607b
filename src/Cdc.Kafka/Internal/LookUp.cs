using System.Diagnostics;
using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>Reads single messages again with a consumer of its own, made on demand.</summary>
internal sealed class LookUp(KafkaSourceOptions options, ClientConfiguration configuration, Action<KafkaSourceEvent> tell) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private IConsumer<byte[]?, byte[]?>? consumer;

    public async ValueTask<SourceMessage?> ReadAsync(Checkpoint position, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(position, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync().ConfigureAwait(false);
        var (last, _) = (consumer, consumer = null);
        if (last is not null) await Task.Run(() => Close(last)).ConfigureAwait(false);
        turn.Dispose();
    }

    private static void Close(IConsumer<byte[]?, byte[]?> last)
    {
        last.Close();
        last.Dispose();
    }

    private SourceMessage? Read(Checkpoint position, CancellationToken cancellationToken)
    {
        consumer ??= Clients.Build(configuration, () => new ConsumerBuilder<byte[]?, byte[]?>(configuration.LookUp(options))
            .SetLogHandler((_, line) => Clients.Tell(tell, configuration, line))
            .SetErrorHandler((_, error) => Clients.Tell(tell, configuration, error))
            .Build());
        consumer.Assign(new TopicPartitionOffset(position.Topic, position.Partition, position.Position));
        try
        {
            for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < options.RequestTimeout;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Consume(position, out var gone) is { } result) return result;
                if (gone) return null;
            }

            throw new KafkaSourceException($"Topic {position.Topic}, partition {position.Partition}, offset {position.Position} could not be read again within {options.RequestTimeout}: the brokers did not answer.", isTransient: true);
        }
        finally
        {
            consumer.Unassign();
        }
    }

    private SourceMessage? Consume(Checkpoint position, out bool gone)
    {
        gone = false;
        try
        {
            var result = consumer!.Consume(100);
            if (result is null) return null;

            // Past the offset, or at the end: compaction, retention or an aborted transaction took it.
            gone = result.IsPartitionEOF || result.Offset.Value != position.Position;
            if (gone) return null;
            var message = result.Message;
            return new SourceMessage(position.Topic, position.Partition, position.Position, message.Key, message.Value)
            {
                Timestamp = message.Timestamp.Type == TimestampType.NotAvailable ? 0 : message.Timestamp.UnixTimestampMs,
                Headers = PollThread.Headers(message.Headers, out _),
            };
        }
        catch (ConsumeException failure) when (failure.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            gone = true;
            return null;
        }
        catch (ConsumeException failure) when (!failure.Error.IsFatal)
        {
            Clients.Tell(tell, configuration, failure.Error);
            return null;
        }
    }
}
