using System.Globalization;

namespace Cdc.EndToEnd.Tests;

/// <summary>The same ClickHouse tables, fed straight from PostgreSQL, then by Debezium and Kafka, then straight again, while writers go on: the steps of Cdc.Postgres' README.</summary>
[Collection("one at a time: they kill what they share")]
public sealed class SwitchTests(RealParts stack, ITestOutputHelper output)
{
    private const int Writers = 4;

    [Fact]
    public async Task Going_to_Debezium_and_back_on_the_same_tables_leaves_them_equal_to_the_source()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        var name = $"switch{Guid.NewGuid():N}"[..12];
        var letters = Path.Combine(Path.GetTempPath(), $"{name}.jsonl");
        var topics = Workload.Tables.Select(t => $"{name}.{name}.{t}").ToList();
        var workloads = Enumerable.Range(0, Writers).Select(i => new Workload(stack.Postgres, name, i)).ToList();
        await workloads[0].CreateAsync();
        var writers = new WriterGroup(workloads);

        using (var direct = PipelineProcess.Direct(stack, name, letters))
        {
            await StoredAsync(direct);
            await stack.ConnectAsync(name, Connector.Settings(stack.Postgres, name, $"{name}_debezium", name, ("slot.drop.on.stop", "true"), ("snapshot.mode", "no_data")));
            await RealParts.UntilAsync(() => Task.FromResult(Committed.Exist(stack, topics)), TimeSpan.FromMinutes(2), "Debezium sends changes of every table");

            // Its first transaction has no commit position and loses to everything: this side must have brought it.
            var first = await PositionAsync();
            await RealParts.UntilAsync(async () => (await stack.Postgres.LinesAsync($"SELECT 'yes' FROM pg_replication_slots WHERE slot_name = '{name}' AND confirmed_flush_lsn >= '{first}'")).Count > 0, TimeSpan.FromMinutes(2), "what Debezium sent first is durable");
            await direct.KillAsync();
        }

        using (var kafka = new PipelineProcess(stack, $"group-{name}", $"^{name}\\.{name}\\..*"))
        {
            await StoredAsync(kafka);
            await writers.StopAsync();
            await workloads[0].AssertEqualAsync(stack, kafka, TimeSpan.FromSeconds(60));
            writers = new WriterGroup(workloads);
            await StoredAsync(kafka);
            await kafka.KillAsync();
        }

        // The slot is still there, at what the first process confirmed: everything since comes again.
        using var last = PipelineProcess.Direct(stack, name, letters);
        await StoredAsync(last);
        await writers.StopAsync();
        await workloads[0].AssertEqualAsync(stack, last, TimeSpan.FromSeconds(60));
        await last.KillAsync();
        output.WriteLine($"{workloads.Sum(w => w.Statements)} statements by {Writers} writers");
        await stack.RemoveConnectorAsync(name);
        await stack.Postgres.ExecuteAsync($"SELECT pg_drop_replication_slot('{name}')");
        File.Delete(letters);

        async Task<string> PositionAsync() => (await stack.Postgres.LinesAsync("SELECT pg_current_wal_lsn()::text"))[0];

        // Whoever runs now brings every table to a commit of the time in which it runs.
        async Task StoredAsync(PipelineProcess process)
        {
            var position = ulong.Parse((await stack.Postgres.LinesAsync("SELECT (pg_current_wal_lsn() - '0/0')::text"))[0], CultureInfo.InvariantCulture);
            foreach (var table in Workload.Tables)
            {
                await RealParts.UntilAsync(
                    async () => process.HasEnded || (await stack.QueryAsync($"EXISTS TABLE {name}.{table}") == "1"
                        && await stack.QueryAsync($"SELECT max(bitAnd(bitShiftRight(_version, 62), 288230376151711743)) > {position} FROM {name}.{table}") == "1"),
                    TimeSpan.FromMinutes(2),
                    $"{table} is fed");
                Assert.False(process.HasEnded, string.Join('\n', process.Lines.TakeLast(20)));
            }
        }
    }

    /// <summary>Writers at work, until they are stopped.</summary>
    private sealed class WriterGroup
    {
        private readonly CancellationTokenSource stop = new();
        private readonly List<Task> running;

        public WriterGroup(IEnumerable<Workload> workloads) => running = [.. workloads.Select(w => Task.Run(() => w.RunAsync(stop.Token)))];

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
            stop.Dispose();
        }
    }
}
