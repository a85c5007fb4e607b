using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Cdc.Benchmarks.Postgres;

/// <summary>Debezium in a Kafka Connect, with its envelopes as it makes them without schemas, its cheapest form.</summary>
internal sealed class Debezium : IAsyncDisposable
{
    private const string Name = "cdc_bench_debezium";
    private static readonly string Topic = $"{Name}.cdc_bench.sales";
    private readonly HttpClient http;
    private readonly IConsumer<Ignore, Ignore> topic;
    private readonly IAdminClient admin;
    private readonly Database database;
    private long seen;

    public Debezium(Database database, Uri connect, string bootstrap)
    {
        this.database = database;
        http = new HttpClient { BaseAddress = connect };
        topic = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = Name }).Build();
        admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
    }

    /// <summary>Starts it, or lets it go on.</summary>
    /// <returns>The time from the first of so many new events to the last; connecting is not counted.</returns>
    public async Task<TimeSpan> RunAsync(int events)
    {
        await Console.Error.WriteLineAsync("Debezium");
        using var registered = await http.PutAsJsonAsync(new Uri($"connectors/{Name}/config", UriKind.Relative), Settings());
        registered.EnsureSuccessStatusCode();
        await TellAsync("resume");
        while (Count() == seen) await Task.Delay(5);
        var clock = Stopwatch.StartNew();
        while (Count() < seen + events)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(30)) throw new TimeoutException($"Debezium brought {Count() - seen} of {events} events in half an hour.");
            await Task.Delay(5);
        }

        clock.Stop();
        seen += events;
        await Task.Delay(3000); // it notes its position once a second
        await TellAsync("stop");
        return clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        using (await http.DeleteAsync(new Uri($"connectors/{Name}", UriKind.Relative)))
        {
            topic.Dispose();
        }

        await admin.DeleteTopicsAsync([Topic]);
        admin.Dispose();
        http.Dispose();
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["connector.class"] = "io.debezium.connector.postgresql.PostgresConnector",
        ["plugin.name"] = "pgoutput",
        ["database.hostname"] = database.Where.Host!,
        ["database.port"] = database.Where.Port.ToString(CultureInfo.InvariantCulture),
        ["database.user"] = database.Where.Username!,
        ["database.password"] = database.Where.Password ?? "",
        ["database.dbname"] = database.Where.Database!,
        ["topic.prefix"] = Name,
        ["table.include.list"] = "cdc_bench.sales",
        ["publication.name"] = Database.Publication,
        ["publication.autocreate.mode"] = "disabled",
        ["slot.name"] = Name,
        ["slot.drop.on.stop"] = "false",
        ["poll.interval.ms"] = "50",
        ["key.converter"] = "org.apache.kafka.connect.json.JsonConverter",
        ["key.converter.schemas.enable"] = "false",
        ["value.converter"] = "org.apache.kafka.connect.json.JsonConverter",
        ["value.converter.schemas.enable"] = "false",
    };

    private long Count()
    {
        try
        {
            return topic.QueryWatermarkOffsets(new TopicPartition(Topic, 0), TimeSpan.FromSeconds(10)).High.Value;
        }
        catch (KafkaException unknown) when (unknown.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownPartition or ErrorCode.Local_UnknownTopic)
        {
            return 0;
        }
    }

    private async Task TellAsync(string what)
    {
        using var answer = await http.PutAsync(new Uri($"connectors/{Name}/{what}", UriKind.Relative), null);
    }
}
