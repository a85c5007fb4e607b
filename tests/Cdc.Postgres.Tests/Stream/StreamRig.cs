using System.Collections.Concurrent;

namespace Cdc.Postgres.Tests.Stream;

/// <summary>A source whose batches a test takes one by one.</summary>
internal sealed class StreamRig : IAsyncDisposable
{
    private readonly DatabaseServer server;
    private readonly PostgresOptions options;
    private readonly PostgresChangeSource source;
    private readonly IAsyncEnumerator<SourceBatch> batches;
    private readonly CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
    private readonly PostgresReader reader = new();
    private readonly ChangeEvent change = new();

    private StreamRig(DatabaseServer server, PostgresOptions options)
    {
        this.server = server;
        this.options = options;
        source = new PostgresChangeSource(options, new MemoryLedger());
        source.Happened += e => Happened.Enqueue(e);
        batches = source.ReadAsync(stop.Token).GetAsyncEnumerator(stop.Token);
    }

    public ConcurrentQueue<PostgresSourceEvent> Happened { get; } = new();

    /// <summary>All changes in the order in which they came.</summary>
    public List<ChangeEvent> Changes { get; } = [];

    public PostgresChangeSource Source => source;

    /// <summary>Publishes the tables of a schema, of the publication's and the slot's name.</summary>
    public static async Task<StreamRig> StartAsync(DatabaseServer server, string name, Action<PostgresOptions>? configure = null)
    {
        await server.ExecuteAsync($"CREATE PUBLICATION {name} FOR TABLES IN SCHEMA {name}");
        var options = new PostgresOptions { ConnectionString = server.ConnectionString, Slot = name, Publication = name, CreateSlot = true, FeedbackInterval = TimeSpan.FromMilliseconds(300) };
        configure?.Invoke(options);
        var rig = new StreamRig(server, options);
        await rig.StepAsync();
        return rig;
    }

    /// <summary>Takes the next batch, and says that it is durable.</summary>
    public async Task StepAsync()
    {
        Assert.True(await batches.MoveNextAsync());
        foreach (var partition in batches.Current.Partitions)
        {
            if (partition.Kind == PartitionChangeKind.Assigned) reader.RestoreState(partition.Partition, partition.State);
        }

        foreach (var message in batches.Current.Messages.ToArray())
        {
            if (reader.Read(in message, change) == MessageKind.Change) Changes.Add(change.Detach());
        }

        var ends = batches.Current.Messages.ToArray().GroupBy(m => (m.Topic, m.Partition)).Select(g => new Checkpoint(g.Key.Topic, g.Key.Partition, g.Max(m => m.Offset) + 1)).ToList();
        await source.CommitAsync(ends, stop.Token);
    }

    public async Task StepUntilAsync(Func<bool> holds)
    {
        while (!holds()) await StepAsync();
    }

    /// <summary>Waits until the server says so; nothing is taken meanwhile.</summary>
    public async Task ServerSaysAsync(string condition)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(1); !await server.ScalarAsync<bool>($"SELECT coalesce((SELECT {condition} FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = '{options.Slot}'), false)");)
        {
            Assert.True(DateTime.UtcNow < deadline, $"{condition} did not come. {string.Join("; ", Happened)}");
            await Task.Delay(100);
        }
    }

    public Task<int> SenderAsync() => server.ScalarAsync<int>($"SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{options.Slot}'");

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await source.DisposeAsync();
        try
        {
            await batches.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // The test ended while a batch was waited for.
        }

        await ServerSaysAsync("s.active_pid IS NULL");
        await server.ExecuteAsync($"SELECT pg_drop_replication_slot('{options.Slot}'); DROP SCHEMA {options.Publication} CASCADE; DROP PUBLICATION {options.Publication}");
        stop.Dispose();
    }
}
