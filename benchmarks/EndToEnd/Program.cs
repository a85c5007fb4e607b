using System.Globalization;
using Cdc.Benchmarks;
using Cdc.Benchmarks.EndToEnd;
using Cdc.ClickHouse.Embedded;

// Kafka → rows in the engine, one process, beside the engine's own ceiling, in one run. Needs a broker: KAFKA_BOOTSTRAP.
if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP") is not { Length: > 0 } bootstrap)
{
    await Console.Error.WriteLineAsync("Set KAFKA_BOOTSTRAP to a broker of your own, such as 127.0.0.1:29092. The run creates a topic there and deletes it.");
    return 2;
}

var rows = args.Length > 0 ? int.Parse(args[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 1_000_000;
await using var engine = await EmbeddedClickHouse.StartAsync();
var messages = await Messages.CreateAsync(rows);
var results = new List<Measurement>
{
    await Stages.EncodeAsync(messages),
    await Stages.CeilingAsync(messages, engine),
    await Stages.BytesToRowsAsync(messages, engine),
    await Stages.KafkaToRowsAsync(messages, engine, bootstrap),
};

var ceiling = results[1].PerSecond;
Console.WriteLine($"{rows:N0} rows of {messages.Average(m => m.Value!.Value.Length):N0} bytes");
Console.WriteLine("| stage | rows/s | of the ceiling | CPU µs/row, this process | CPU µs/row, engine | allocated B/row |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|");
foreach (var r in results)
{
    Console.WriteLine($"| {r.Name} | {r.PerSecond:N0} | {r.PerSecond / ceiling:P0} | {r.OwnMicroseconds:F2} | {r.EngineMicroseconds:F2} | {r.Allocated:F1} |");
}

return 0;
