using Cdc.ClickHouse;
using Cdc.TestSupport;
using Cdc.TestSupport.Values;

namespace Cdc.Postgres.Tests.Mirror;

/// <summary>A whole pipeline from a server of its own to the engine, and the comparison of both ends by value.</summary>
internal sealed class MirrorRig : IAsyncDisposable
{
    private readonly ClickHouseWriter writer;
    private readonly ClickHouseLedger ledger;
    private readonly string prefix;
    private readonly Uri endpoint;
    private readonly CancellationTokenSource stop = new();
    private Task<PipelineReport> run = Task.FromResult(new PipelineReport());

    private MirrorRig(DatabaseServer server, Uri endpoint, string prefix, PostgresOptions options, IReadOnlyList<TruthTable> tables)
    {
        Server = server;
        this.endpoint = endpoint;
        this.prefix = prefix;
        Options = options;
        writer = new ClickHouseWriter(Settings(tables));
        ledger = new ClickHouseLedger(Settings([]), prefix);
        Source = new PostgresChangeSource(options, ledger);
        Pipeline = new ChangePipeline(Source, new PostgresReader(), writer, Letters, new PipelineOptions { Truncate = TruncatePolicy.Apply, FlushInterval = TimeSpan.FromMilliseconds(200) }, ledger: ledger);
    }

    public DatabaseServer Server { get; }

    public PostgresOptions Options { get; }

    public PostgresChangeSource Source { get; }

    public ChangePipeline Pipeline { get; }

    public LetterList Letters { get; } = new();

    public static async Task<MirrorRig> StartAsync(DatabaseServer server, Engine engine, string name, Action<PostgresOptions>? configure = null)
    {
        var tables = await SourceTruth.ReadAsync(server);
        var options = new PostgresOptions { ConnectionString = server.ConnectionString, Slot = name, Publication = name, CreatePublication = true, CreateSlot = true };

        // A table without a key stops, and what stops holds the slot.
        foreach (var table in tables.Where(t => !t.Key.IsEmpty)) options.Tables.Add(table.ToString());
        configure?.Invoke(options);
        var rig = new MirrorRig(server, await engine.EndpointAsync(), $"{name}_", options, tables);
        rig.run = Task.Run(() => rig.Pipeline.RunAsync(rig.stop.Token));
        return rig;
    }

    /// <summary>Waits until the snapshots are durable.</summary>
    public Task SnapshotAsync() => WaitAsync(() => Task.FromResult(Source.SnapshotProgress.Count > 0 && Source.SnapshotProgress.All(p => p.State == PostgresSnapshotState.Finished)), "the snapshot's end");

    /// <summary>Waits until the slot is confirmed up to the log's end of now.</summary>
    public async Task CatchUpAsync()
    {
        var end = await Server.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text");
        await WaitAsync(() => Server.ScalarAsync<bool>($"SELECT confirmed_flush_lsn >= '{end}' FROM pg_replication_slots WHERE slot_name = '{Options.Slot}'"), $"the confirmation of {end}");
    }

    /// <summary>Stops as a service does, and lets go.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    public async Task<List<string>> DifferencesAsync()
    {
        using var reader = new ClickHouseReader(endpoint);
        var differences = new List<string>();
        foreach (var table in await SourceTruth.ReadAsync(Server))
        {
            if (table.Key.IsEmpty) continue;
            var columns = await reader.ColumnsAsync(prefix + table.Schema, table.Name);
            if (columns.Count == 0)
            {
                if (!table.Rows.IsEmpty) differences.Add($"{table}: no table");
                continue;
            }

            Compare(table, await reader.RowsAsync(prefix + table.Schema, table.Name, columns, table), differences);
        }

        return differences;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Source.DisposeAsync();
        await writer.DisposeAsync();
        ledger.Dispose();
        stop.Dispose();
    }

    private static void Compare(TruthTable table, IReadOnlyList<Dictionary<string, string?>> stored, List<string> differences)
    {
        var rest = stored.ToDictionary(r => NormalForm.List(table.Key.Select(k => r[k])));
        foreach (var row in table.Rows)
        {
            var expected = table.Columns.Select((c, i) => (c.Name, Value: DirectExpectation.Of(c.Type, row[i]))).ToList();
            var key = NormalForm.List(table.KeyPositions.Select(p => ((Expected.Value)expected[p].Value).Normal));
            var isThere = rest.Remove(key, out var actual);
            if (expected.Find(e => e.Value is Expected.Refused) is { Value: not null } refused)
            {
                if (isThere) differences.Add($"{table} {key} {refused.Name}: stored, expected {refused.Value.Describe()}");
                continue;
            }

            if (!isThere) differences.Add($"{table} {key}: no row");
            else differences.AddRange(expected.Where(e => !actual!.TryGetValue(e.Name, out var value) || !e.Value.Accepts(value)).Select(e => $"{table} {key} {e.Name}: expected {e.Value.Describe()}, actual {actual!.GetValueOrDefault(e.Name) ?? "NULL"}"));
        }

        differences.AddRange(rest.Keys.Select(k => $"{table} {k}: a row that the source does not have"));
    }

    private async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!await condition())
        {
            if (run.IsCompleted) await run;
            Assert.True(DateTime.UtcNow < deadline, $"{what} did not come. {Source.Retrying} {Pipeline.Report.Retrying} {string.Join("; ", Pipeline.Report.Tables.Where(t => t.Stopped is not null).Select(t => $"{t.Table}: {t.Stopped}"))} {string.Join("; ", Source.SnapshotProgress.Where(p => p.State != PostgresSnapshotState.Finished))}");
            await Task.Delay(50);
        }
    }

    private ClickHouseOptions Settings(IReadOnlyList<TruthTable> tables)
    {
        var options = new ClickHouseOptions { Endpoint = endpoint, TypeChange = TypeChangePolicy.Replace, Rename = RenamePolicy.Rename, ApplyTruncates = true };
        foreach (var table in tables) options.Tables[table.ToString()] = new ClickHouseTableOptions { Database = prefix + table.Schema, Table = table.Name };
        return options;
    }
}

/// <summary>Keeps the dead letters.</summary>
internal sealed class LetterList : IDeadLetterSink
{
    public List<DeadLetter> All { get; } = [];

    public ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        lock (All) All.Add(letter);
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
