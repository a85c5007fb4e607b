using System.Text;
using Cdc.Kafka.Tests;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cdc.Hosting.Tests;

public sealed class KafkaTests(Engine engine) : IDisposable
{
    private readonly MockCluster cluster = new();
    private readonly string database = Engine.NewDatabase();

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Configuration_alone_makes_a_pipeline_from_Kafka_to_ClickHouse_with_a_topic_of_dead_letters()
    {
        var messages = await ProduceAsync();
        using var host = new TestHost((s, configuration) => s.AddCdc(configuration),
        [
            ("Cdc:sales:Kafka:BootstrapServers", cluster.BootstrapServers), ("Cdc:sales:Kafka:GroupId", database), ("Cdc:sales:Kafka:Topics:0", "^seed\\..*"),
            ("Cdc:sales:Kafka:Configuration:topic.metadata.refresh.interval.ms", "500"), ("Cdc:sales:ClickHouse:Endpoint", engine.Endpoint.ToString()), ("Cdc:sales:ClickHouse:Database", database),
            ("Cdc:sales:DeadLetters:Topic", "letters"), ("Cdc:sales:Pipeline:FlushInterval", "00:00:00.1"),
        ]);
        cluster.Create("letters");

        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status is { LagMessages: 0 } status && status.Messages == messages, "everything is durable");

        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.sales_current"));
        Assert.Equal(messages, host.Measurements.Sum("messaging.client.consumed.messages", ("messaging.system", "kafka"), ("messaging.consumer.group.name", database)));
        Assert.Equal(0, host.Measurements.Gauge("cdc.source.lag"));
        Assert.NotEqual(0, host.Measurements.Sum("cdc.rebalances"));
        Assert.Contains(host.Log.Lines, l => l.Event.Id == 2000 && l.Text.Contains("Assigned", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Healthy, (await host.CheckAsync("cdc-ready")).Status);
        Assert.Equal("no JSON", Encoding.UTF8.GetString(Letter().Message.Value));
        await host.StopAsync();
    }

    /// <summary>Fills the topics with a capture and one message that is none.</summary>
    private async Task<long> ProduceAsync()
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = cluster.BootstrapServers }).Build();
        var count = 0L;
        await foreach (var batch in new CaptureSource(Engine.Capture("seed.jsonl.gz")).ReadAsync(TestContext.Current.CancellationToken))
        {
            foreach (var message in batch.Messages.ToArray())
            {
                producer.Produce(message.Topic, new Message<byte[]?, byte[]?> { Key = message.Key?.ToArray(), Value = message.Value?.ToArray() });
                count++;
            }
        }

        producer.Produce("seed.franco.sales", new Message<byte[]?, byte[]?> { Value = "no JSON"u8.ToArray() });
        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
        return count + 1;
    }

    private ConsumeResult<byte[], byte[]> Letter()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = "letters" }).Build();
        consumer.Assign(new TopicPartitionOffset("letters", 0, 0));
        return consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException("no dead letter");
    }
}
