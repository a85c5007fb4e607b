using Cdc;
using Cdc.ClickHouse;
using Cdc.Debezium;
using Cdc.EndToEnd.Host;
using Cdc.Kafka;

// The process that the end-to-end tests kill: bootstrap, group, topics, ClickHouse, and at which point to die (name:n).
var (bootstrap, group, topics, endpoint) = (args[0], args[1], args[2], new Uri(args[3]));
var crash = new CrashPoint(args.Length > 4 ? args[4] : "never:0");
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

using var http = new CrashingHandler(crash);
var options = new ClickHouseOptions { Endpoint = endpoint, HttpMessageHandler = http, MaxBlockRows = 200 };
var kafka = new KafkaSourceOptions { BootstrapServers = bootstrap, GroupId = group, Topics = { topics }, SessionTimeout = TimeSpan.FromSeconds(6) };
using var clickHouseLedger = new ClickHouseLedger(options, group);
var ledger = new CrashingLedger(clickHouseLedger, crash);
await using var source = new KafkaChangeSource(kafka, ledger);
source.Happened += e => Console.WriteLine($"{e.Kind}: {e.Message}");
await using var writer = new ClickHouseWriter(options);
await using var letters = new KafkaDeadLetters(KafkaDeadLetterOptions.For(kafka));
var pipeline = new ChangePipeline(
    new CrashingSource(source, crash), new CrashingReader(new DebeziumReader(), crash), new CrashingSink(writer, crash), new CrashingDeadLetters(letters, crash), new PipelineOptions { FlushInterval = TimeSpan.FromMilliseconds(200) }, ledger: ledger);
try
{
    await pipeline.RunAsync(stop.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("stopped");
}

return 0;
