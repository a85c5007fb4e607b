using System.Text.Json.Nodes;
using Cdc.Debezium;
using Cdc.Kafka;
using Cdc.Kafka.Tests;
using Cdc.Postgres;
using Cdc.Postgres.Tests;
using Cdc.TestSupport;
using Confluent.Kafka;

namespace Cdc.Hosting.Tests;

/// <summary>PostgreSQL's transactions in Kafka, as a connector with <c>provide.transaction.metadata</c> writes them.</summary>
public sealed class PostgresToKafkaTests(ServerFixture fixture) : IDisposable
{
    private readonly MockCluster cluster = new();
    private readonly string name = Engine.NewDatabase();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Each_transaction_begins_and_ends_in_its_topic_with_the_number_of_its_changes()
    {
        var server = fixture.Server;
        await server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.a (id int PRIMARY KEY); CREATE TABLE {name}.b (id int PRIMARY KEY); INSERT INTO {name}.a VALUES (1); CREATE PUBLICATION {name} FOR TABLE {name}.a, {name}.b");
        await using var source = new PostgresChangeSource(new PostgresOptions { ConnectionString = server.ConnectionString, Slot = name, Publication = name, CreateSlot = true }, new MemoryLedger());
        await using var sink = new KafkaChangeSink(new KafkaSinkOptions { BootstrapServers = cluster.BootstrapServers, TopicPrefix = name, TransactionMetadata = true }, new DebeziumWriter(new DebeziumWriterOptions { TopicPrefix = name }));
        var pipeline = new ChangePipeline(source, new PostgresReader(), sink, options: new PipelineOptions { FlushInterval = TimeSpan.FromMilliseconds(50) });
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => pipeline.RunAsync(stop.Token), TestContext.Current.CancellationToken);
        await Engine.UntilAsync(() => source.SnapshotProgress is { Count: 2 } all && all.All(p => p.State == PostgresSnapshotState.Finished), "the snapshot is durable");

        // The key change is a delete and an insert; the snapshot's row is of no transaction.
        await server.ExecuteAsync($"BEGIN; INSERT INTO {name}.a VALUES (2); INSERT INTO {name}.b VALUES (1); UPDATE {name}.a SET id = 3 WHERE id = 2; COMMIT");
        await server.ExecuteAsync($"DELETE FROM {name}.b");
        var end = await server.ScalarAsync<long>("SELECT (pg_current_wal_lsn() - '0/0')::int8");
        var boundaries = Read($"{name}.transaction", 4);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(["BEGIN", "END", "BEGIN", "END"], boundaries.Select(b => b["status"]!.GetValue<string>()));
        var ids = boundaries.Select(b => b["id"]!.GetValue<string>().Split(':')).ToList();
        Assert.Equal(ids[0][0], ids[1][0]);
        Assert.Equal(ids[2][0], ids[3][0]);
        Assert.NotEqual(ids[0][0], ids[2][0]);
        var positions = ids.Select(i => long.Parse(i[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(positions.Order(), positions);
        Assert.True(positions[^1] <= end, "the end of the last transaction is in the log");
        Assert.Equal($$"""[{"data_collection":"{{name}}.a","event_count":3},{"data_collection":"{{name}}.b","event_count":1}]""", boundaries[1]["data_collections"]!.ToJsonString());
        Assert.Equal(1, boundaries[3]["event_count"]!.GetValue<int>());
        Assert.Equal([1, 3, 4], Read($"{name}.{name}.a", 5).Where(m => m?["transaction"] is JsonObject).Select(m => m!["transaction"]!["total_order"]!.GetValue<int>()).Order());
    }

    private List<JsonNode> Read(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = "look" }).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(topic, p, 0)));
        var found = new List<(long Order, JsonNode Value)>();
        for (var i = 0; i < count && consumer.Consume(TimeSpan.FromSeconds(30)) is { } record; i++)
        {
            if (record.Message.Value is not { } value) continue;
            var json = JsonNode.Parse(value)!;
            found.Add((json["id"] is JsonValue id ? (long.Parse(id.GetValue<string>().Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) * 2) + (json["status"]!.GetValue<string>() == "BEGIN" ? 1 : 0) : i, json));
        }

        // The boundaries' keys, and so their partitions, differ: their positions are their order, an end before the beginning at its position.
        return [.. found.OrderBy(f => f.Order).Select(f => f.Value)];
    }
}
