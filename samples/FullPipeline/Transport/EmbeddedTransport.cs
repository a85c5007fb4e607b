using Cdc;
using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.Hosting;
using Cdc.Kafka;
using Cdc.Postgres;

namespace FullPipeline;

/// <summary>No Kafka and no Java: Cdc.Postgres reads the slot, Cdc.Kafka writes Debezium's messages to a broker inside this process.</summary>
internal sealed class EmbeddedTransport(string id) : ITransport
{
    private readonly string name = $"sales-{id}";
    private readonly CancellationTokenSource ending = new();
    private MockBroker? broker;
    private ClickHouseServer? target;
    private Task producing = Task.CompletedTask;
    private ProducerState state = new("STARTING", null);

    public string Producer => "Cdc.Postgres";

    public string Broker => "Kafka broker";

    public string Slot { get; } = $"sales_{id}";

    public Task StartAsync(PostgresServer postgres, ClickHouseServer clickHouse, bool isOwner, IProgress<string> progress, CancellationToken cancellationToken)
    {
        progress.Report("Starting the broker inside the process");
        target = clickHouse;
        broker = new MockBroker();
        foreach (var table in SalesSchema.Tables) broker.Create(TopicOf(table));
        producing = Task.Run(() => ProduceAsync(postgres.Connection.ConnectionString, ending.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public void Configure(CdcBuilder cdc)
    {
        cdc.FromKafka(kafka =>
        {
            kafka.BootstrapServers = broker!.BootstrapServers;
            kafka.GroupId = name;
            foreach (var table in SalesSchema.Tables) kafka.Topics.Add(TopicOf(table));
        });

        // The topics begin anew with every process: no position of an earlier one means anything. The versions come from PostgreSQL's log, which goes on.
        cdc.Hosting(hosting => hosting.Ledger = false);
    }

    public Task<ProducerState> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(state);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await producing;
        broker?.Dispose();
        ending.Dispose();
    }

    /// <summary>The same loop as everywhere, from PostgreSQL into Kafka; it begins anew after a failure.</summary>
    private async Task ProduceAsync(string connectionString, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(connectionString, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
            }
            catch (Exception failure) when (failure is CdcException or Npgsql.NpgsqlException or Confluent.Kafka.KafkaException)
            {
                state = new ProducerState("RESTARTING", failure.Message.Split('\n')[0]);
                await Task.Delay(2000, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task RunAsync(string connectionString, CancellationToken cancellationToken)
    {
        var options = new PostgresOptions { ConnectionString = connectionString, Slot = Slot, Publication = Slot, CreateSlot = true, CreatePublication = true, FeedbackInterval = TimeSpan.FromSeconds(1) };
        foreach (var table in SalesSchema.Tables) options.Tables.Add($"franco.{table}");
        var partitions = SalesSchema.Tables.SelectMany(_ => Enumerable.Range(0, MockBroker.Partitions), (table, partition) => new Confluent.Kafka.TopicPartition(TopicOf(table), partition));
        using var outstanding = new Outstanding(new DebeziumWriter(new DebeziumWriterOptions { TopicPrefix = name }), partitions, broker!.BootstrapServers, name);
        var clickHouse = new ClickHouseOptions();
        SalesTables.Configure(clickHouse, target!);
        using var ledger = new ClickHouseLedger(clickHouse, $"{name}-source");
        await using var source = new ConfirmedSource(new PostgresChangeSource(options, ledger), ledger, outstanding);
        await using var sink = new BoundedSink(new KafkaChangeSink(new KafkaSinkOptions { BootstrapServers = broker.BootstrapServers, TopicPrefix = name, Tombstones = false }, outstanding), outstanding);
        var pipeline = new ChangePipeline(source, new PostgresReader(), sink, options: new PipelineOptions { FlushInterval = TimeSpan.FromMilliseconds(200), ShutdownTimeout = TimeSpan.FromSeconds(1) }, ledger: source);
        pipeline.Flushed += report => state = report.Tables.FirstOrDefault(t => t.Stopped is not null) is { } stopped ? new ProducerState("STOPPED", stopped.Stopped) : new ProducerState("RUNNING", null);
        await pipeline.RunAsync(cancellationToken);
    }

    private string TopicOf(string table) => $"{name}.franco.{table}";
}
