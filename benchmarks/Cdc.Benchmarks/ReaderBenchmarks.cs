using BenchmarkDotNet.Attributes;
using Cdc.Debezium;

namespace Cdc.Benchmarks;

/// <summary>Reading alone: bytes of a message to a <see cref="ChangeEvent"/>. The baseline is what a .NET team writes first.</summary>
[MemoryDiagnoser]
public class ReaderBenchmarks
{
    private readonly ChangeEvent change = new();
    private SourceMessage[] plain = [];
    private SourceMessage[] schema = [];
    private DebeziumReader plainReader = null!;
    private DebeziumReader schemaReader = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        plain = await SalesEvents.LoadAsync("plain");
        schema = await SalesEvents.LoadAsync("schema");
        plainReader = new DebeziumReader(new DebeziumOptions { Epoch = 0 }, SalesEvents.Catalog());
        schemaReader = new DebeziumReader(new DebeziumOptions { Epoch = 0 });
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SalesEvents.Count, Description = "JsonDocument, schemaless")]
    public long JsonDocumentOnly()
    {
        var sum = 0L;
        foreach (ref readonly var message in plain.AsSpan())
        {
            using var document = System.Text.Json.JsonDocument.Parse(message.Value!.Value);
            sum += document.RootElement.GetProperty("after").GetProperty("sales_id").GetInt64();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = SalesEvents.Count, Description = "DebeziumReader, schemaless")]
    public int Schemaless() => Read(plainReader, plain);

    [Benchmark(OperationsPerInvoke = SalesEvents.Count, Description = "DebeziumReader, with schema")]
    public int WithSchema() => Read(schemaReader, schema);

    private int Read(DebeziumReader reader, SourceMessage[] messages)
    {
        var changes = 0;
        foreach (ref readonly var message in messages.AsSpan())
        {
            if (reader.Read(in message, change) == MessageKind.Change) changes++;
        }

        return changes;
    }
}
