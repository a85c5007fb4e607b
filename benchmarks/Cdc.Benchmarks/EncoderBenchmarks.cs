using BenchmarkDotNet.Attributes;
using Cdc.ClickHouse;
using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Plan;
using Cdc.ClickHouse.Internal.Writing;
using Cdc.Debezium;

namespace Cdc.Benchmarks;

/// <summary>Reading and encoding: bytes of a message to a row of an open Native block. Nothing is sent.</summary>
[MemoryDiagnoser]
public class EncoderBenchmarks
{
    private readonly ChangeEvent change = new();
    private Feed plain = null!;
    private Feed schema = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        plain = new Feed(await SalesEvents.LoadAsync("plain"), new DebeziumReader(new DebeziumOptions { Epoch = 0 }, SalesEvents.Catalog()));
        schema = new Feed(await SalesEvents.LoadAsync("schema"), new DebeziumReader(new DebeziumOptions { Epoch = 0 }));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SalesEvents.Count, Description = "reader + encoder, schemaless")]
    public int Schemaless() => Run(plain);

    [Benchmark(OperationsPerInvoke = SalesEvents.Count, Description = "reader + encoder, with schema")]
    public int WithSchema() => Run(schema);

    private int Run(Feed feed)
    {
        feed.Block?.Clear();
        foreach (ref readonly var message in feed.Messages.AsSpan())
        {
            if (feed.Reader.Read(in message, change) != MessageKind.Change) continue;
            if (feed.Block is null) feed.Bind(change.Shape);
            feed.Layout!.TryAppend(feed.Block!, change, new RowOrigin(0, message.Offset));
        }

        return feed.Block!.Rows;
    }

    private sealed class Feed(SourceMessage[] messages, DebeziumReader reader)
    {
        private static readonly ClickHouseOptions Options = new() { Endpoint = new Uri("http://localhost:8123") };

        public SourceMessage[] Messages { get; } = messages;

        public DebeziumReader Reader { get; } = reader;

        public RowLayout? Layout { get; private set; }

        public RowBlock? Block { get; private set; }

        public void Bind(TableShape shape)
        {
            Layout = new RowLayout(TablePlanner.Plan(shape, null, false, ServerVersion.Newest, Options), Options);
            Block = new RowBlock(Layout, Options);
        }
    }
}
