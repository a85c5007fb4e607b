using System.Runtime.CompilerServices;
using Cdc.Kafka.Internal;

namespace Cdc.Kafka;

/// <summary>
/// Delivers the messages of Kafka topics at least once, in the order of each partition, and commits only what it was told is durable.
/// A thread of its own polls whatever the loop does, so a target that is away for minutes does not cost the membership in the group.
/// </summary>
/// <remarks>One reader at a time: <see cref="ReadAsync"/>, <see cref="CommitAsync"/> and <see cref="DisposeAsync"/> are not called concurrently.</remarks>
public sealed class KafkaChangeSource : IChangeSource
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(5);
    private readonly KafkaSourceOptions options;
    private readonly ClientConfiguration configuration;
    private readonly ILedger? ledger;
    private readonly TimeProvider time;
    private readonly HandOver handOver;
    private readonly Committer committer;
    private readonly StoppedTopics stopped = new();
    private readonly LookUp lookUp;
    private readonly Dictionary<(string Topic, int Partition), PartitionState> known = [];
    private ClusterView? cluster;
    private PollThread? thread;
    private Exception? listenerFailure;
    private bool isStarted;

    /// <summary>Makes the source. It connects when it is read.</summary>
    /// <param name="options">What to consume and how.</param>
    /// <param name="ledger">What is remembered beside the data, or null to believe the group's offsets alone.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public KafkaChangeSource(KafkaSourceOptions options, ILedger? ledger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Problems().ToList();
        if (problems.Count > 0) throw new ArgumentException($"The Kafka source's options are wrong: {string.Join("; ", problems)}.", nameof(options));
        this.options = options;
        this.ledger = ledger;
        this.time = time ?? TimeProvider.System;
        configuration = new ClientConfiguration(options.BootstrapServers, options.Configuration);
        handOver = new HandOver(options.MaxBufferedBytes);
        committer = new Committer(Tell);
        lookUp = new LookUp(options, configuration, Tell);
    }

    /// <summary>Raised for everything that an operator may want to read, on a thread of the client: return soon. An exception of a listener ends the source.</summary>
    public event Action<KafkaSourceEvent>? Happened;

    /// <summary>The topics that are not consumed any more, and why. Others go on.</summary>
    public IReadOnlyList<KafkaStoppedTopic> Stopped => stopped.All;

    /// <summary>How far each partition of this member is behind its end, as of the last second or so; empty while nothing is consumed.</summary>
    public IReadOnlyList<KafkaPartitionLag> Lags => thread?.Lags ?? [];

    /// <summary>Bytes of messages fetched and not done with.</summary>
    public long BufferedBytes => handOver.BufferedBytes;

    /// <summary>Looks whether the topics, rights and settings are there. Nothing is consumed.</summary>
    /// <param name="cancellationToken">Abandons the check.</param>
    /// <returns>All that was found, the worst first; empty when all is well.</returns>
    /// <exception cref="ArgumentException">A setting in <see cref="KafkaSourceOptions.Configuration"/> is wrong.</exception>
    public async Task<IReadOnlyList<KafkaFinding>> CheckAsync(CancellationToken cancellationToken) =>
        await new ClusterCheck(options, configuration, Cluster()).RunAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A setting in <see cref="KafkaSourceOptions.Configuration"/> is wrong.</exception>
    /// <exception cref="InvalidOperationException">The source was read before: make another.</exception>
    /// <exception cref="KafkaSourceException">The check found what cannot work, every topic is stopped, or the group's protocol does not let this member go on.</exception>
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (isStarted) throw new InvalidOperationException("A Kafka source is read once. Make another one.");
        isStarted = true;
        await ThrowIfUnusableAsync(cancellationToken).ConfigureAwait(false);
        thread = new PollThread(options, configuration, ledger, Cluster(), handOver, committer, stopped, Tell);
        thread.Start();
        MessageBatch? lent = null;
        Task<bool>? waiting = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (listenerFailure is { } failure) throw new KafkaSourceException($"A listener of {nameof(Happened)} failed: {failure.Message}", innerException: failure);
                if (handOver.TryTake(out lent))
                {
                    lent.HandOver(known);
                    yield return new SourceBatch(lent.Messages, lent.Changes);
                    handOver.Release(lent);
                    lent = null;
                    continue;
                }

                waiting ??= handOver.WaitAsync(CancellationToken.None).AsTask();
                if (!await EndsInTimeAsync(waiting, cancellationToken).ConfigureAwait(false))
                {
                    yield return new SourceBatch(default);
                    continue;
                }

                var more = await waiting.ConfigureAwait(false);
                waiting = null;
                if (!more) yield break;
            }
        }
        finally
        {
            if (lent is not null) handOver.Release(lent);
            thread.Detach();
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// It waits for the commit a few seconds at most: one that fails or takes longer is no error, for the next one covers it.
    /// Checkpoints of partitions that went meanwhile are left out.
    /// </remarks>
    public async ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        foreach (var (topic, partition, position) in checkpoints)
        {
            if (known.TryGetValue((topic, partition), out var state)) state.SetDurable(position);
        }

        try
        {
            await committer.CommitAsync().WaitAsync(CommitPatience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Tell(new KafkaSourceEvent(KafkaSourceEventKind.CommitFailed, $"the commit takes longer than {CommitPatience.TotalSeconds:0} s; the source goes on without waiting for it"));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="KafkaSourceException">The brokers did not answer in time; it is transient.</exception>
    public async ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) =>
        stopped.All.Any(s => s.Topic == position.Topic && s.Reason is KafkaStopReason.Recreated or KafkaStopReason.Truncated)
            ? null
            : await lookUp.ReadAsync(position, cancellationToken).ConfigureAwait(false);

    /// <summary>Commits what is durable, leaves the group and frees everything, within <see cref="KafkaSourceOptions.ShutdownTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        var ended = thread is null || await Task.Run(() => thread.End(options.ShutdownTimeout)).ConfigureAwait(false);
        await lookUp.DisposeAsync().ConfigureAwait(false);
        if (ended)
        {
            thread?.Dispose();
            cluster?.Dispose();
        }
        else
        {
            Tell(new KafkaSourceEvent(KafkaSourceEventKind.Error, "the consumer did not end in time; the group notices by its session's timeout"));
        }

        (thread, cluster) = (null, null);
    }

    private ClusterView Cluster() => cluster ??= new ClusterView(configuration, options.RequestTimeout, Tell);

    private async Task ThrowIfUnusableAsync(CancellationToken cancellationToken)
    {
        var findings = await CheckAsync(cancellationToken).ConfigureAwait(false);
        var fatal = findings.Where(f => f.Severity == KafkaFindingSeverity.Fatal).ToList();
        foreach (var finding in findings.Except(fatal)) Tell(new KafkaSourceEvent(KafkaSourceEventKind.Finding, finding.ToString()));
        if (fatal.Count == 0) return;
        throw new KafkaSourceException($"The topics cannot be consumed: {string.Join("; ", fatal)}.", isTransient: fatal.TrueForAll(f => f.Subject == ClusterCheck.Brokers));
    }

    private async ValueTask<bool> EndsInTimeAsync(Task<bool> waiting, CancellationToken cancellationToken)
    {
        if (waiting.IsCompleted) return true;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(waiting, Task.Delay(IdleTime, time, timer.Token)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return first == waiting;
    }

    private void Tell(KafkaSourceEvent happened)
    {
        try
        {
            Happened?.Invoke(happened);
        }
        catch (Exception failure)
        {
            // It must not cross the client's native code; ReadAsync throws it.
            listenerFailure ??= failure;
        }
    }
}
