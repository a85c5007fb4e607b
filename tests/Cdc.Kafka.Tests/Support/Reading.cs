using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;

namespace Cdc.Kafka.Tests;

internal sealed record Seen(string Topic, int Partition, long Offset, string? Key, string? Value, long Timestamp, IReadOnlyList<(string Name, string? Value)> Headers);

/// <summary>Reads a source as the loop does, and keeps what it saw.</summary>
internal sealed class Reading : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Func<bool> mayAsk;
    private readonly bool commits;
    private readonly Dictionary<(string, int), long> next = [];

    public Reading(KafkaChangeSource source, bool commits = true, Func<bool>? mayAsk = null)
    {
        Source = source;
        this.commits = commits;
        this.mayAsk = mayAsk ?? (() => true);
        source.Happened += Events.Enqueue;
        Done = Task.Run(RunAsync);
    }

    public KafkaChangeSource Source { get; }

    public ConcurrentQueue<Seen> Messages { get; } = [];

    public ConcurrentQueue<PartitionChange> Changes { get; } = [];

    public ConcurrentQueue<KafkaSourceEvent> Events { get; } = [];

    public Task Done { get; }

    public int Batches { get; private set; }

    public IEnumerable<KafkaSourceEvent> Of(KafkaSourceEventKind kind) => Events.Where(e => e.Kind == kind);

    public async Task WaitAsync(Func<bool> condition, int seconds = 30)
    {
        await Eventually.IsAsync(() => condition() || Done.IsCompleted, seconds, () => $"{Messages.Count} messages; {string.Join(" | ", Events.TakeLast(8).Select(e => $"{e.Kind}: {e.Message}"))}");
        if (!condition()) await Done;
        Assert.True(condition());
    }

    /// <summary>Stops asking for messages; the source may still be told of commits.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Done.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Source.DisposeAsync();
        stop.Dispose();
    }

    private static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;

    private async Task RunAsync()
    {
        try
        {
            await foreach (var batch in Source.ReadAsync(stop.Token))
            {
                Batches++;
                foreach (var change in batch.Partitions)
                {
                    Changes.Enqueue(change);
                    next.Remove((change.Partition.Topic, change.Partition.Partition));
                }

                foreach (var m in batch.Messages.ToArray())
                {
                    var headers = (m.Headers ?? []).Select(h => (h.Name, Text(h.Value))).ToList();
                    Messages.Enqueue(new Seen(m.Topic, m.Partition, m.Offset, Text(m.Key), Text(m.Value), m.Timestamp, headers));
                    next[(m.Topic, m.Partition)] = m.Offset + 1;
                }

                if (commits && next.Count > 0) await Source.CommitAsync([.. next.Select(n => new Checkpoint(n.Key.Item1, n.Key.Item2, n.Value))], stop.Token);
                while (!mayAsk()) await Task.Delay(20, stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }
}

internal static class Eventually
{
    public static async Task IsAsync(Func<bool> condition, int seconds = 30, Func<string>? otherwise = null)
    {
        var deadline = Environment.TickCount64 + (seconds * 1000L);
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"not within {seconds} s: {otherwise?.Invoke()}");
            await Task.Delay(20);
        }
    }
}
