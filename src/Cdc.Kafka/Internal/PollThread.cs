using System.Diagnostics;
using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>
/// Owns the consumer and goes on polling whatever the loop does, so that the group never takes this member for dead.
/// When the budget is used up it pauses the partitions instead of waiting.
/// </summary>
internal sealed class PollThread : IDisposable
{
    private static readonly TimeSpan RevokeCommitTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(60);
    private readonly KafkaSourceOptions options;
    private readonly ClientConfiguration configuration;
    private readonly ClusterView cluster;
    private readonly HandOver handOver;
    private readonly Committer committer;
    private readonly StoppedTopics stopped;
    private readonly Assignment assignment;
    private readonly LagWatch lags;
    private readonly Action<KafkaSourceEvent> tell;
    private readonly CopyingDeserializer keys;
    private readonly CopyingDeserializer values;
    private readonly ManualResetEventSlim ending = new();
    private readonly Thread thread;
    private Exception? handlerFailure;
    private bool isPaused;
    private bool assignmentChanged;
    private bool isHealthy;
    private volatile bool isDetached;
    private long lastTick = Stopwatch.GetTimestamp();
    private long lastComparison = Stopwatch.GetTimestamp();
    private Task<Dictionary<string, string>>? comparison;

    public PollThread(KafkaSourceOptions options, ClientConfiguration configuration, ILedger? ledger, ClusterView cluster, HandOver handOver, Committer committer, StoppedTopics stopped, Action<KafkaSourceEvent> tell)
    {
        this.options = options;
        this.configuration = configuration;
        this.cluster = cluster;
        this.handOver = handOver;
        this.committer = committer;
        this.stopped = stopped;
        this.tell = tell;
        lags = new LagWatch(cluster);
        assignment = new Assignment(options, ledger, cluster, handOver, committer, stopped, tell);
        keys = new CopyingDeserializer(handOver, options.MaxMessageBytes);
        values = new CopyingDeserializer(handOver, options.MaxMessageBytes);
        thread = new Thread(Run) { IsBackground = true, Name = "cdc-kafka-poll" };
    }

    /// <summary>How far the partitions are behind, as of the last second.</summary>
    public IReadOnlyList<KafkaPartitionLag> Lags => lags.Latest;

    public void Start() => thread.Start();

    /// <summary>Nobody asks for messages any more: nothing more is fetched, but the group goes on being served and commits are taken.</summary>
    public void Detach() => isDetached = true;

    /// <summary>Ends the thread after a last commit.</summary>
    /// <returns>Whether it ended in time.</returns>
    public bool End(TimeSpan timeout)
    {
        ending.Set();
        return !thread.IsAlive || thread.Join(timeout);
    }

    /// <summary>Frees what is left after <see cref="End"/>.</summary>
    public void Dispose() => ending.Dispose();

    private void Run()
    {
        Exception? failure = null;
        try
        {
            for (var backOff = TimeSpan.FromSeconds(1); !ending.IsSet && !RunConsumer();)
            {
                if (isHealthy) backOff = TimeSpan.FromSeconds(1);
                ending.Wait(backOff);
                backOff = backOff * 2 < MaxBackOff ? backOff * 2 : MaxBackOff;
            }
        }
        catch (Exception unexpected)
        {
            failure = unexpected is CdcException or ArgumentException
                ? unexpected
                : new KafkaSourceException($"The consumer's thread failed: {configuration.Redact(unexpected.Message)}", innerException: unexpected);
        }
        finally
        {
            committer.Use(null);
            handOver.Complete(failure);
        }
    }

    /// <summary>Runs one consumer to its end.</summary>
    /// <returns>Whether the source ends; false when the consumer failed and another may do better.</returns>
    private bool RunConsumer()
    {
        isHealthy = false;
        isPaused = false;
        handlerFailure = null;
        comparison = null;
        var consumer = Build();
        try
        {
            committer.Use(consumer);
            consumer.Subscribe(options.Topics);
            while (!ending.IsSet) Poll(consumer);
            return true;
        }
        catch (Exception failure) when (failure is KafkaException or TimeoutException or OperationCanceledException or CdcException { IsTransient: true })
        {
            if (failure is KafkaException { Error.Code: ErrorCode.Local_Fatal or ErrorCode.FencedInstanceId or ErrorCode.UnreleasedInstanceId } fatal && IsFenced(fatal.Error))
            {
                throw new KafkaSourceException($"Another member of group {options.GroupId} uses the GroupInstanceId '{options.GroupInstanceId}'. Give every process its own, then start again.");
            }

            tell(new KafkaSourceEvent(KafkaSourceEventKind.Rebuilding, $"The consumer failed and is made anew: {configuration.Redact(failure.Message)}"));
            return false;
        }
        finally
        {
            Close(consumer);
        }
    }

    private static bool IsFenced(Error error) =>
        error.Code is ErrorCode.FencedInstanceId or ErrorCode.UnreleasedInstanceId || error.Reason.Contains("fenced", StringComparison.OrdinalIgnoreCase);

    private Consumer Build() => Clients.Build(configuration, () => new ConsumerBuilder<byte, byte>(configuration.Consumer(options))
        .SetKeyDeserializer(keys)
        .SetValueDeserializer(values)
        .SetLogHandler((_, line) => Clients.Tell(tell, configuration, line))
        .SetErrorHandler((_, error) =>
        {
            if (error.IsFatal) handlerFailure ??= new KafkaException(error);
            Clients.Tell(tell, configuration, error);
        })
        .SetPartitionsAssignedHandler((consumer, partitions) => OnAssigned(consumer, partitions))
        .SetPartitionsRevokedHandler((_, partitions) => OnGone(partitions, KafkaSourceEventKind.Revoked))
        .SetPartitionsLostHandler((_, partitions) => OnGone(partitions, KafkaSourceEventKind.Lost))
        .Build());

    private void Poll(Consumer consumer)
    {
        // A batch that waits is handed over as soon as the loop has taken the one before.
        var result = Consume(consumer, handOver.Filling.IsEmpty && !isPaused ? 100 : handOver.IsDrained ? 0 : 10);
        if (handlerFailure is { } failure) throw failure is KafkaException or CdcException ? failure : new TimeoutException(failure.Message, failure);
        if (result is not null) Take(result);
        else if (handOver.IsDrained) handOver.Publish();
        if (handOver.Filling.IsFull) handOver.Publish();
        Balance(consumer);
        if (Stopwatch.GetElapsedTime(lastTick) < TimeSpan.FromSeconds(1)) return;
        lastTick = Stopwatch.GetTimestamp();
        _ = committer.CommitAsync();
        CompareTopics(consumer);
        lags.Look(consumer, assignment.Owned, isPaused);
        if (assignment.NothingIsLeft)
        {
            throw new KafkaSourceException($"Every topic of this member is stopped: {string.Join("; ", stopped.All.Select(s => s.Explanation))}.", stopped: stopped.All);
        }
    }

    private ConsumeResult<byte, byte>? Consume(Consumer consumer, int milliseconds)
    {
        // An error over a message in hand is not caught: going on would leave the message out.
        try
        {
            return consumer.Consume(milliseconds);
        }
        catch (ConsumeException failure) when (!failure.Error.IsFatal && failure.Error.Code is not (ErrorCode.Local_Application or ErrorCode.Local_KeyDeserialization or ErrorCode.Local_ValueDeserialization))
        {
            if (failure.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange) assignment.Recover(consumer, failure.ConsumerRecord.TopicPartition);
            else Clients.Tell(tell, configuration, failure.Error);
            assignmentChanged = true;
            return null;
        }
    }

    private void Take(ConsumeResult<byte, byte> result)
    {
        isHealthy = true;
        var (offset, message) = (result.Offset.Value, result.Message);
        if (assignment.Find(result.Topic, result.Partition.Value) is not { IsOwned: true } partition)
        {
            handOver.DiscardBytes();
            return;
        }

        if (offset < partition.Next)
        {
            handOver.DiscardBytes();
            tell(new KafkaSourceEvent(KafkaSourceEventKind.Error, $"topic {partition.Topic}, partition {partition.Number}: the client delivered offset {offset} again; it was left out"));
            return;
        }

        if (Math.Max(keys.TooLarge, values.TooLarge) is > 0 and var size)
        {
            assignment.Stop(new KafkaStoppedTopic(partition.Topic, partition.Number, KafkaStopReason.MessageTooLarge,
                $"topic {partition.Topic}, partition {partition.Number}: the message at offset {offset} has {size} bytes and MaxMessageBytes is {options.MaxMessageBytes}. Raise it, then start again"));
            assignmentChanged = true;
            return;
        }

        var headers = Headers(message.Headers, out var headerBytes);
        handOver.Filling.Add(partition, new SourceMessage(partition.Topic, partition.Number, offset, keys.Last, values.Last)
        {
            Timestamp = message.Timestamp.Type == TimestampType.NotAvailable ? 0 : message.Timestamp.UnixTimestampMs,
            Headers = headers,
        }, headerBytes);
        partition.Next = offset + 1;
    }

    internal static MessageHeader[]? Headers(Headers? headers, out int bytes)
    {
        bytes = 0;
        if (headers is not { Count: > 0 }) return null;
        var result = new MessageHeader[headers.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var value = headers[i].GetValueBytes();
            result[i] = new MessageHeader(headers[i].Key, value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory());
            bytes += 64 + (2 * headers[i].Key.Length) + (value?.Length ?? 0);
        }

        return result;
    }

    private void Balance(Consumer consumer)
    {
        if (assignmentChanged)
        {
            assignmentChanged = false;
            consumer.Pause(assignment.NotConsumed);
            if (isPaused) consumer.Pause(assignment.Consumed);
        }

        if (!isPaused && (isDetached || handOver.IsOver))
        {
            handOver.Publish();
            if (!isDetached && handOver.WaitForRoom(ShortWait)) return;
            consumer.Pause(assignment.Consumed);
            isPaused = true;
            if (!isDetached) tell(new KafkaSourceEvent(KafkaSourceEventKind.Paused, $"{handOver.BufferedBytes} bytes wait to be applied"));
        }
        else if (isPaused && !isDetached && handOver.IsBelowHalf)
        {
            consumer.Resume(assignment.Consumed);
            isPaused = false;
            tell(new KafkaSourceEvent(KafkaSourceEventKind.Resumed, $"{handOver.BufferedBytes} bytes wait to be applied"));
        }
    }

    private void CompareTopics(Consumer consumer)
    {
        if (comparison is { IsCompleted: true } done)
        {
            comparison = null;
            if (done.Exception is { } failure) tell(new KafkaSourceEvent(KafkaSourceEventKind.Error, $"The topics could not be compared: {configuration.Redact(failure.GetBaseException().Message)}"));
            else assignment.Compare(consumer, done.Result);
            assignmentChanged = true;
        }
        else if (comparison is null && Stopwatch.GetElapsedTime(lastComparison) >= options.TopicCheckInterval)
        {
            lastComparison = Stopwatch.GetTimestamp();
            comparison = cluster.TopicIdsAsync(assignment.Topics.ToList());
        }
    }

    private List<TopicPartitionOffset> OnAssigned(Consumer consumer, List<TopicPartition> partitions)
    {
        assignmentChanged = true;
        try
        {
            return assignment.Assign(consumer, partitions);
        }
        catch (Exception failure)
        {
            // Poll throws it: an exception must not cross the client's native code. Nothing of these partitions is taken before.
            handlerFailure ??= failure;
            return partitions.ConvertAll(p => new TopicPartitionOffset(p, Offset.End));
        }
    }

    private void OnGone(List<TopicPartitionOffset> partitions, KafkaSourceEventKind how)
    {
        assignmentChanged = true;
        if (how == KafkaSourceEventKind.Revoked && !committer.CommitAsync().Wait(RevokeCommitTime))
        {
            tell(new KafkaSourceEvent(KafkaSourceEventKind.CommitFailed, "a commit took too long while partitions were revoked; their next owner applies some changes again"));
        }

        assignment.Release(partitions.ConvertAll(p => p.TopicPartition), how);
    }

    private void Close(Consumer consumer)
    {
        handlerFailure = null;
        try
        {
            // Leaving the group revokes the partitions, and that commits.
            if (ending.IsSet) _ = committer.CommitAsync().Wait(options.ShutdownTimeout / 2);
            if (!committer.WaitUntilIdle(options.ShutdownTimeout / 2))
            {
                tell(new KafkaSourceEvent(KafkaSourceEventKind.Error, "a commit is still under way; the consumer is left to its session's timeout"));
                return;
            }

            consumer.Close();
        }
        catch (KafkaException failure)
        {
            Clients.Tell(tell, configuration, failure.Error);
        }
        finally
        {
            committer.Use(null);
            lags.Clear();
            assignment.ReleaseAll(KafkaSourceEventKind.Lost);
        }

        consumer.Dispose();
    }
}
