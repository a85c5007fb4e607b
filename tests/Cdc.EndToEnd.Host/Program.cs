using Cdc;
using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.EndToEnd.Host;
using Cdc.Kafka;
using Cdc.Postgres;

// The process that the end-to-end tests kill, at the point that the last argument names (name:n):
// from Kafka (bootstrap, group, topics, ClickHouse), or from PostgreSQL ("postgres", connection, slot and schema, file of dead letters, ClickHouse).
var crash = new CrashPoint(args[^1]);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

using var http = new CrashingHandler(crash);
var options = new ClickHouseOptions { Endpoint = new Uri(args[^2]), HttpMessageHandler = http, MaxBlockRows = 200 };
try
{
    if (args[0] == "postgres") await FromPostgresAsync(args[1], args[2], args[3]);
    else await FromKafkaAsync(args[0], args[1], args[2]);
}
catch (OperationCanceledException)
{
    Console.WriteLine("stopped");
}

return 0;

async Task FromKafkaAsync(string bootstrap, string group, string topics)
{
    var kafka = new KafkaSourceOptions { BootstrapServers = bootstrap, GroupId = group, Topics = { topics }, SessionTimeout = TimeSpan.FromSeconds(6) };
    using var clickHouseLedger = new ClickHouseLedger(options, group);
    var ledger = new CrashingLedger(clickHouseLedger, crash);
    await using var source = new KafkaChangeSource(kafka, ledger);
    source.Happened += e => Console.WriteLine($"{e.Kind}: {e.Message}");
    await using var letters = new KafkaDeadLetters(KafkaDeadLetterOptions.For(kafka));
    await RunAsync(source, new DebeziumReader(), letters, ledger);
}

async Task FromPostgresAsync(string connection, string name, string file)
{
    var postgres = new PostgresOptions { ConnectionString = connection, Slot = name, Publication = name, CreateSlot = true, CreatePublication = true, FeedbackInterval = TimeSpan.FromSeconds(1) };
    foreach (var table in new[] { "t1", "t2", "t3", "t4" }) postgres.Tables.Add($"{name}.{table}");
    using var clickHouseLedger = new ClickHouseLedger(options, name);
    var ledger = new CrashingLedger(clickHouseLedger, crash);
    await using var source = new PostgresChangeSource(postgres, ledger);
    source.Happened += e => Console.WriteLine($"{e.Kind}: {e.Message}");
    await using var letters = new CaptureDeadLetters(file, append: true);
    await RunAsync(source, new PostgresReader(), letters, ledger);
}

async Task RunAsync(IChangeSource source, IChangeReader reader, IDeadLetterSink letters, ILedger ledger)
{
    await using var writer = new ClickHouseWriter(options);
    var pipeline = new ChangePipeline(
        new CrashingSource(source, crash), new CrashingReader(reader, crash), new CrashingSink(writer, crash), new CrashingDeadLetters(letters, crash), new PipelineOptions { FlushInterval = TimeSpan.FromMilliseconds(200) }, ledger: ledger);
    await pipeline.RunAsync(stop.Token);
}
