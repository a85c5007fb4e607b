using Cdc.ClickHouse;
using Cdc.ClickHouse.Embedded;
using Cdc.ClickHouse.Internal;
using Cdc.ClickHouse.Internal.Plan;
using Cdc.ClickHouse.Internal.Writing;
using Cdc.Debezium;
using Cdc.Kafka;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Cdc.Benchmarks.EndToEnd;

/// <summary>The stages of one run: each does all rows.</summary>
internal static class Stages
{
    private static DebeziumReader Reader() => new(new DebeziumOptions { Epoch = 0 }, SalesEvents.Catalog());

    public static Task<Measurement> EncodeAsync(SourceMessage[] messages) => Measurement.OfAsync("reader + encoder, nothing sent", messages.Length, null, () =>
    {
        var rows = 0;
        foreach (var block in Blocks(messages)) rows += block.Rows;
        return Task.FromResult((long)rows);
    });

    /// <summary>What the engine takes: blocks made beforehand, two requests under way.</summary>
    public static async Task<Measurement> CeilingAsync(SourceMessage[] messages, EmbeddedClickHouse engine)
    {
        var bodies = new List<(byte[] Body, int Rows)>();
        TablePlan? plan = null;
        foreach (var block in Blocks(messages, p => plan = p, "ceiling"))
        {
            using var content = block.Content(0, block.Rows);
            bodies.Add((await content.ReadAsByteArrayAsync(), block.Rows));
        }

        using var http = new HttpClient();
        foreach (var statement in plan!.Statements)
        {
            using var created = await http.PostAsync(engine.Endpoint, new StringContent(statement));
            created.EnsureSuccessStatusCode();
        }

        var options = Options(engine, "ceiling");
        var target = InsertTarget.Of(plan, new RowLayout(plan, options).Names, convert: false, options.RequestTimeout);
        return await Measurement.OfAsync("engine's ceiling: blocks made beforehand", messages.Length, engine, async () =>
        {
            var next = -1;
            var rows = 0;
            await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
            {
                int i;
                while ((i = Interlocked.Increment(ref next)) < bodies.Count)
                {
                    using var answer = await http.PostAsync(new Uri(engine.Endpoint, target), new ByteArrayContent(bodies[i].Body));
                    answer.EnsureSuccessStatusCode();
                    Interlocked.Add(ref rows, bodies[i].Rows);
                }
            }));
            return rows;
        });
    }

    public static Task<Measurement> BytesToRowsAsync(SourceMessage[] messages, EmbeddedClickHouse engine) => Measurement.OfAsync("bytes → rows", messages.Length, engine, async () =>
    {
        await using var writer = new ClickHouseWriter(Options(engine, "bytes"));
        var reader = Reader();
        var change = new ChangeEvent();
        for (var i = 0; i < messages.Length; i++)
        {
            reader.Read(in messages[i], change);
            while (!writer.TryAppend(change)) await writer.PrepareAsync(change, CancellationToken.None);
        }

        return (await writer.FlushAsync(CancellationToken.None)).Tables.Sum(t => t.Applied);
    });

    public static async Task<Measurement> KafkaToRowsAsync(SourceMessage[] messages, EmbeddedClickHouse engine, string bootstrap)
    {
        var topic = $"bench-{Guid.NewGuid():N}.franco.sales";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 3, ReplicationFactor = 1 }]);
        try
        {
            Produce(messages, bootstrap, topic);
            var options = Options(engine, "kafka");
            using var ledger = new ClickHouseLedger(options, topic);
            await using var source = new KafkaChangeSource(new KafkaSourceOptions { BootstrapServers = bootstrap, GroupId = topic, Topics = { topic } }, ledger);
            await using var writer = new ClickHouseWriter(options);
            using var stop = new CancellationTokenSource();
            var pipeline = new ChangePipeline(source, Reader(), writer, ledger: ledger);
            pipeline.Flushed += report => { if (report.Tables.Sum(t => t.Applied) >= messages.Length) stop.Cancel(); };
            return await Measurement.OfAsync("Kafka → rows, offsets and ledger committed", messages.Length, engine, async () =>
            {
                try
                {
                    await pipeline.RunAsync(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    // Everything arrived.
                }

                return pipeline.Report.Tables.Sum(t => t.Applied);
            });
        }
        finally
        {
            await admin.DeleteTopicsAsync([topic]);
        }
    }

    private static void Produce(SourceMessage[] messages, string bootstrap, string topic)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrap, LingerMs = 50, BatchSize = 1 << 20, Acks = Acks.All, QueueBufferingMaxMessages = 1_000_000 }).Build();
        foreach (var message in messages)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topic, new Message<byte[], byte[]> { Key = message.Key!.Value.ToArray(), Value = message.Value!.Value.ToArray() });
                    break;
                }
                catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(100));
                }
            }
        }

        producer.Flush(TimeSpan.FromMinutes(5));
    }

    private static IEnumerable<RowBlock> Blocks(SourceMessage[] messages, Action<TablePlan>? planned = null, string database = "encode")
    {
        var options = new ClickHouseOptions { Endpoint = new Uri("http://localhost"), Database = database };
        var reader = Reader();
        var change = new ChangeEvent();
        RowLayout? layout = null;
        RowBlock? block = null;
        for (var i = 0; i < messages.Length; i++)
        {
            reader.Read(in messages[i], change);
            if (layout is null)
            {
                var plan = TablePlanner.Plan(change.Shape, null, false, ServerVersion.Newest, options);
                planned?.Invoke(plan);
                layout = new RowLayout(plan, options);
                block = new RowBlock(layout, options);
            }

            layout.TryAppend(block!, change, new RowOrigin(0, i));
            if (!block!.IsFull && i < messages.Length - 1) continue;
            yield return block;
            block.Clear();
        }
    }

    private static ClickHouseOptions Options(EmbeddedClickHouse engine, string database) => new() { Endpoint = engine.Endpoint, Database = database };
}
