using System.Globalization;
using Cdc.Hosting;
using Npgsql;

namespace FullPipeline;

/// <summary>Gathers, once a second, how every part fares. Read from several threads.</summary>
internal sealed class LiveBoard(TimeProvider time) : IProgress<string>, IDisposable
{
    private readonly Telemetry telemetry = new();
    private readonly Lock gate = new();
    private (LiveState State, DateTimeOffset Since) state = (LiveState.Starting, time.GetUtcNow());
    private string starting = "Starting";
    private string? notice;
    private Parts? parts;
    private SourceFigures? source;
    private TargetFigures? target;
    private ProducerState? producer;
    private readonly Queue<(long At, long Changes)> seen = new();
    private long sourceRate;

    public History History { get; } = new();

    public RecentChanges.Latest Changes { get; } = new(time);

    public RecentLetters.Latest Letters { get; } = new(time);

    /// <summary>What there is to look at, once it is started.</summary>
    internal sealed record Parts(PostgresServer Postgres, ClickHouseEngine ClickHouse, ClickHouseQueries Queries, ITransport Transport, CdcPipelines Pipelines, Comparer Comparer);

    /// <summary>Says what goes on, on the page and on the console.</summary>
    public void Report(string value)
    {
        starting = value;
        Console.WriteLine(value);
    }

    /// <summary>Says what happened to a part by itself.</summary>
    public void Notice(string value)
    {
        notice = value;
        Console.WriteLine(value);
    }

    public void Use(Parts all) => Volatile.Write(ref parts, all);

    /// <summary>Whether changes are on their way that ClickHouse does not have.</summary>
    public bool IsBehind => parts?.Pipelines.Status[0] is not { LagMessages: 0, RetryingSince: null } pipeline || pipeline.Lag > TimeSpan.FromSeconds(2.5) || source?.UnconfirmedBytes > 32 << 10;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        for (var n = 0L; await ticks.WaitForNextTickAsync(cancellationToken); n++)
        {
            if (parts is not { } all) continue;
            if (n % 2 == 0) await LookAsync(all, cancellationToken);
            var pipeline = all.Pipelines.Status[0];
            var second = telemetry.Take();
            long Of(string operation) => second.Operations.GetValueOrDefault(operation);
            History.Add(new Point(
                time.GetUtcNow().ToUnixTimeMilliseconds(), Of("insert"), Of("update"), Of("delete"), Of("snapshot"), sourceRate, pipeline.LagMessages ?? 0, Math.Round(pipeline.Lag?.TotalSeconds ?? 0, 2), second.BatchRows,
                second.Flush?.P50, second.Flush?.P95, second.Latency?.P50, second.Latency?.P95, second.Latency?.P99, Math.Round(Environment.WorkingSet / 1048576.0)));
        }
    }

    public LiveStatus Read()
    {
        var all = parts;
        var pipeline = all?.Pipelines.Status[0];
        var (now, detail) = StateOf(all, pipeline);
        DateTimeOffset since;
        lock (gate)
        {
            if (state.State != now) state = (now, time.GetUtcNow());
            since = state.Since;
        }

        var rate = (long)History.Points.TakeLast(5).Select(p => p.Rate).DefaultIfEmpty().Average();
        return new LiveStatus(
            now, detail, since, pipeline?.LagMessages, pipeline?.Lag?.TotalSeconds, rate, pipeline?.LastFlush, telemetry.DeadLetters, pipeline?.LastError,
            Flow.Of(all, pipeline, source, target, producer, sourceRate, rate), TablesOf(pipeline), all?.Comparer.Last ?? Comparison.None, all?.Comparer.Problem, Changes.Changes, Letters.Notes,
            all?.ClickHouse.IsOwn ?? false, all?.ClickHouse.IsStopped ?? false, all is { ClickHouse.IsOwn: true } ? all.ClickHouse.Server.Endpoint.ToString() : null);
    }

    public void Dispose() => telemetry.Dispose();

    private (LiveState State, string Detail) StateOf(Parts? all, CdcPipelineStatus? pipeline)
    {
        if (all is null || pipeline is null || pipeline is { State: CdcPipelineState.Starting }) return (LiveState.Starting, starting);
        var waiting = pipeline.LagMessages is { } lag ? lag.ToString("N0", CultureInfo.InvariantCulture) : "Its";
        if (all.ClickHouse.IsStopped) return (LiveState.Paused, $"ClickHouse is stopped. {waiting} changes wait in Kafka; none is lost. Start it to see it catch up.");
        if (pipeline.Tables.FirstOrDefault(t => t.Stopped is not null) is { } stopped) return (LiveState.Attention, $"The table {stopped.Table.Name} is stopped: {stopped.Stopped}");
        if (producer is { IsRunning: false }) return (LiveState.Attention, $"{all.Transport.Producer} is {producer.State}. {producer.Error}");
        if (pipeline.State is CdcPipelineState.Failed or CdcPipelineState.Restarting) return (LiveState.Attention, pipeline.LastError ?? "The pipeline starts again.");
        if (pipeline.RetryingSince is not null) return (LiveState.Paused, $"ClickHouse does not answer: tried again until it does. {waiting} changes wait in Kafka.");
        if (pipeline.Lag > TimeSpan.FromSeconds(5)) return (LiveState.CatchingUp, $"{waiting} changes are on their way. {notice}");
        return (LiveState.Streaming, pipeline.Lag is { } age ? $"A change is in ClickHouse {age.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s after PostgreSQL committed it." : "Waiting for the first change.");
    }

    private List<LiveTable> TablesOf(CdcPipelineStatus? pipeline) =>
    [
        .. from table in SalesSchema.Tables.Order(StringComparer.Ordinal)
           let status = pipeline?.Tables.FirstOrDefault(t => t.Table.Name == table)
           let rows = target?.Tables.GetValueOrDefault(table)
           select new LiveTable(table, source?.Rows[table], rows?.Rows, rows?.LastChange, status?.Applied ?? 0, status?.DeadLettered ?? 0, status?.Stopped),
    ];

    private async Task LookAsync(Parts all, CancellationToken cancellationToken)
    {
        producer = await all.Transport.ReadAsync(cancellationToken);
        try
        {
            var now = await new PostgresQueries(all.Postgres.Data).ReadAsync(all.Transport.Slot, cancellationToken);
            seen.Enqueue((time.GetTimestamp(), now.Changes));
            if (seen.Count > 5) seen.Dequeue(); // the server's statistics come in jumps
            var (first, before) = seen.Peek();
            sourceRate = (long)Math.Max(0, (now.Changes - before) / Math.Max(1, time.GetElapsedTime(first).TotalSeconds));
            source = now;
            if (!all.ClickHouse.IsStopped) target = await TargetFigures.ReadAsync(all.Queries, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or SampleException)
        {
            sourceRate = 0; // the state says who is away; the last figures stay
        }
    }
}
