using Cdc.Hosting;

namespace FullPipeline;

/// <summary>A real Kafka, and a real Debezium in Kafka Connect: KAFKA_BOOTSTRAP and CONNECT_URL say where.</summary>
internal sealed class KafkaTransport : ITransport
{
    private readonly string bootstrap;
    private readonly Uri connect;
    private readonly string name;
    private DebeziumConnector? connector;
    private long lastRestart;
    private bool restsWithUs;

    private KafkaTransport(string bootstrap, Uri connect, string id)
    {
        (this.bootstrap, this.connect) = (bootstrap, connect);
        name = $"sales-{id}";
        Slot = $"sales_{id}";
    }

    public string Producer => "Debezium";

    public string Broker => "Kafka";

    public string Slot { get; }

    /// <param name="id">Tells this data folder's topics, slot and group from another's.</param>
    /// <returns>Null when neither variable is set.</returns>
    /// <exception cref="SampleException">One is set without the other, or CONNECT_URL is no URL.</exception>
    public static KafkaTransport? FromEnvironment(string id)
    {
        var (bootstrap, connect) = (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP"), Environment.GetEnvironmentVariable("CONNECT_URL"));
        if (string.IsNullOrEmpty(bootstrap) && string.IsNullOrEmpty(connect)) return null;
        if (string.IsNullOrEmpty(bootstrap) || string.IsNullOrEmpty(connect)) throw new SampleException("KAFKA_BOOTSTRAP and CONNECT_URL go together: set both, or neither.");
        return Uri.TryCreate(connect.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new KafkaTransport(bootstrap, url, id)
            : throw new SampleException("CONNECT_URL is not an absolute http or https URL.");
    }

    public async Task StartAsync(PostgresServer postgres, ClickHouseServer clickHouse, bool isOwner, IProgress<string> progress, CancellationToken cancellationToken)
    {
        restsWithUs = postgres.IsOwn;
        connector = new DebeziumConnector(connect, name);
        if (!isOwner) return;
        var settings = DebeziumConnector.Settings(name, postgres.Connection, Slot);
        if (ReplicationRole.FromEnvironment() is { } role)
        {
            await role.EnsureAsync(postgres.Data, Slot, cancellationToken);
            role.Use(settings);
        }

        await connector.EnsureAsync(settings, progress, cancellationToken);
    }

    /// <summary>Takes the connector of this data folder from Kafka Connect.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        using var registered = new DebeziumConnector(connect, name);
        await registered.DeleteAsync(cancellationToken);
    }

    public void Configure(CdcBuilder cdc) => cdc.FromKafka(kafka =>
    {
        kafka.BootstrapServers = bootstrap;
        kafka.GroupId = name;
        kafka.Topics.Add($"^{name}\\.franco\\..*");
        kafka.Configuration["topic.metadata.refresh.interval.ms"] = "2000"; // the snapshot makes its topics one after the other
    });

    public async Task<ProducerState> ReadAsync(CancellationToken cancellationToken)
    {
        if (connector is null) return new ProducerState("UNASSIGNED", null);
        var state = await connector.ReadAsync(cancellationToken);
        if (state.State == "FAILED" && Environment.TickCount64 - lastRestart > 10_000)
        {
            lastRestart = Environment.TickCount64;
            await connector.RestartAsync(cancellationToken);
        }

        return state;
    }

    public async ValueTask DisposeAsync()
    {
        if (connector is null) return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            if (restsWithUs) await connector.StopAsync(patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Connect is away: the connector finds the database gone, and the next start wakes it.
        }

        connector.Dispose();
    }
}
