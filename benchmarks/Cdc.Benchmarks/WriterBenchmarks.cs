using BenchmarkDotNet.Attributes;
using Cdc.ClickHouse;
using Cdc.ClickHouse.Embedded;
using Cdc.Debezium;

namespace Cdc.Benchmarks;

/// <summary>The whole line: bytes of messages to rows that the real engine has acknowledged. The engine shares the machine's cores.</summary>
[MemoryDiagnoser]
public class WriterBenchmarks
{
    private const int Rounds = 20;
    private readonly ChangeEvent change = new();
    private EmbeddedClickHouse engine = null!;
    private SourceMessage[] plain = [];
    private SourceMessage[] schema = [];
    private DebeziumReader plainReader = null!;
    private DebeziumReader schemaReader = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        engine = await EmbeddedClickHouse.StartAsync();
        plain = await SalesEvents.LoadAsync("plain");
        schema = await SalesEvents.LoadAsync("schema");
        plainReader = new DebeziumReader(new DebeziumOptions { Epoch = 0 }, SalesEvents.Catalog());
        schemaReader = new DebeziumReader(new DebeziumOptions { Epoch = 0 });
    }

    [GlobalCleanup]
    public async Task Cleanup() => await engine.DisposeAsync();

    [Benchmark(Baseline = true, OperationsPerInvoke = SalesEvents.Count * Rounds, Description = "bytes to rows, schemaless")]
    public Task<long> Schemaless() => RunAsync(plainReader, plain, "plain");

    [Benchmark(OperationsPerInvoke = SalesEvents.Count * Rounds, Description = "bytes to rows, with schema")]
    public Task<long> WithSchema() => RunAsync(schemaReader, schema, "schema");

    private async Task<long> RunAsync(DebeziumReader reader, SourceMessage[] messages, string database)
    {
        await using var writer = new ClickHouseWriter(new ClickHouseOptions { Endpoint = engine.Endpoint, Database = database });
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < messages.Length; i++)
            {
                if (reader.Read(in messages[i], change) != MessageKind.Change) continue;
                while (!writer.TryAppend(change)) await writer.PrepareAsync(change, CancellationToken.None);
            }
        }

        var result = await writer.FlushAsync(CancellationToken.None);
        return result.Tables.Sum(t => t.Applied);
    }
}
