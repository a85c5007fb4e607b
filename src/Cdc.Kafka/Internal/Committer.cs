using System.Diagnostics;
using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>
/// Commits what is durable, one request at a time and never on the poll thread: a commit may wait for a coordinator for a
/// minute, or for ever (librdkafka#3740), so one that hangs does not keep the next from being sent.
/// A commit that fails is no error, for the next one covers it.
/// </summary>
internal sealed class Committer(Action<KafkaSourceEvent> tell)
{
    private static readonly TimeSpan Hanging = TimeSpan.FromSeconds(15);
    private readonly Lock gate = new();
    private readonly HashSet<PartitionState> partitions = [];
    private Consumer? consumer;
    private Task running = Task.CompletedTask;
    private long runningSince;
    private bool isRunning;
    private bool again;
    private int round;
    private int underWay;

    /// <summary>Uses another consumer, or none. Only while nothing runs (<see cref="WaitUntilIdle"/>).</summary>
    public void Use(Consumer? next)
    {
        lock (gate) consumer = next;
    }

    public void Add(PartitionState partition)
    {
        lock (gate) partitions.Add(partition);
    }

    public void Remove(PartitionState partition)
    {
        lock (gate) partitions.Remove(partition);
    }

    /// <summary>Commits all that is durable and not committed.</summary>
    /// <returns>Completes after a request that began after this call, whether or not it succeeded.</returns>
    public Task CommitAsync()
    {
        lock (gate)
        {
            if (consumer is null) return Task.CompletedTask;
            if (isRunning && Stopwatch.GetElapsedTime(runningSince) < Hanging)
            {
                again = true;
                return running;
            }

            if (!HasWork()) return Task.CompletedTask;
            (isRunning, runningSince) = (true, Stopwatch.GetTimestamp());
            underWay++;
            var number = ++round;
            return running = Task.Factory.StartNew(() => Run(number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Waits until no request is under way.</summary>
    /// <returns>Whether it ended in time.</returns>
    public bool WaitUntilIdle(TimeSpan timeout)
    {
        Task current;
        lock (gate) current = running;
        var ended = current.Wait(timeout);
        lock (gate) return ended && underWay == 0;
    }

    private bool HasWork() => partitions.Any(p => p.IsOwned && p.TryGetUncommitted(out _));

    private void Run(int number)
    {
        do
        {
            Consumer? current;
            var offsets = new List<(PartitionState Partition, long Position)>();
            lock (gate)
            {
                if (number == round) (again, runningSince) = (false, Stopwatch.GetTimestamp());
                current = consumer;
                foreach (var partition in partitions)
                {
                    if (partition.IsOwned && partition.TryGetUncommitted(out var position)) offsets.Add((partition, position));
                }
            }

            if (current is not null && offsets.Count > 0) Commit(current, offsets);
        }
        while (AgainRequested(number));
    }

    private bool AgainRequested(int number)
    {
        lock (gate)
        {
            // One that hung was followed by another round, which does the rest.
            if (number == round && again) return true;
            if (number == round) isRunning = false;
            underWay--;
            return false;
        }
    }

    private void Commit(Consumer current, List<(PartitionState Partition, long Position)> offsets)
    {
        try
        {
            current.Commit(offsets.Select(o => new TopicPartitionOffset(o.Partition.Topic, o.Partition.Number, o.Position)));
            foreach (var (partition, position) in offsets) partition.SetCommitted(position);
        }
        catch (TopicPartitionOffsetException some)
        {
            foreach (var result in some.Results)
            {
                var (partition, position) = offsets.Find(o => o.Partition.Number == result.Partition.Value && o.Partition.Topic == result.Topic);
                if (partition is null) continue;
                if (result.Error.IsError) tell(new KafkaSourceEvent(KafkaSourceEventKind.CommitFailed, $"topic {result.Topic}, partition {result.Partition.Value}: {result.Error.Code}"));
                else partition.SetCommitted(position);
            }
        }
        catch (KafkaException failure)
        {
            tell(new KafkaSourceEvent(KafkaSourceEventKind.CommitFailed, failure.Error.Code.ToString()));
        }
        catch (Exception failure) when (failure is ObjectDisposedException or InvalidOperationException)
        {
            tell(new KafkaSourceEvent(KafkaSourceEventKind.CommitFailed, $"the consumer was closed meanwhile: {failure.Message}"));
        }
    }
}
