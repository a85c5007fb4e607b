using System.Globalization;
using Cdc.Benchmarks;
using Cdc.Benchmarks.Postgres;
using Cdc.ClickHouse.Embedded;

// PostgreSQL's rows and changes, beside what PostgreSQL's own clients reach and, with KAFKA_BOOTSTRAP and CONNECT_URL, Debezium, in one run.
if (Environment.GetEnvironmentVariable("POSTGRES") is not { Length: > 0 } connection)
{
    await Console.Error.WriteLineAsync("Set POSTGRES to Npgsql's connection string of a database of your own, with wal_level=logical. The run makes a schema cdc_bench there and drops it.");
    return 2;
}

var rows = args.Length > 0 ? int.Parse(args[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 10_000_000;
var changes = args.Length > 1 ? int.Parse(args[1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 2_000_000;
await using var database = new Database(connection);
await Console.Error.WriteLineAsync($"{rows:N0} rows are made");
await database.CreateAsync(rows);
await using var engine = await EmbeddedClickHouse.StartAsync();
await using var debezium = Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP") is { Length: > 0 } bootstrap && Environment.GetEnvironmentVariable("CONNECT_URL") is { Length: > 0 } connect
    ? new Debezium(database, new Uri(connect), bootstrap)
    : null;
var client = new Client(database);
var nowhere = new Source(database, "cdc_bench_nowhere");
var toClickHouse = new Source(database, "cdc_bench_clickhouse", engine.Endpoint);

var snapshot = new List<Measurement>
{
    new("`COPY … (FORMAT binary)` by psql, to nowhere", rows / (await client.CopyAsync()).TotalSeconds),
    await Measurement.OfAsync("Cdc.Postgres, to nowhere", rows, null, () => nowhere.RunAsync(rows), mayRepeat: true),
    await Measurement.OfAsync("Cdc.Postgres, rows in ClickHouse", rows, engine, () => toClickHouse.RunAsync(rows), mayRepeat: true),
};
if (debezium is not null) snapshot.Add(new("Debezium, events in Kafka", rows / (await debezium.RunAsync(rows)).TotalSeconds));
Print($"Snapshot, {rows:N0} rows", snapshot);

await database.CreateSlotAsync("cdc_bench_limit");
await Console.Error.WriteLineAsync($"{changes:N0} changes are made");
await database.ChangeAsync(changes);
var stream = new List<Measurement>
{
    new("`pg_recvlogical`, pgoutput, to nowhere", changes / (await client.ReceiveAsync("cdc_bench_limit", await database.PositionAsync())).TotalSeconds),
    await Measurement.OfAsync("Cdc.Postgres, to nowhere", changes, null, () => nowhere.RunAsync(changes), mayRepeat: true),
    await Measurement.OfAsync("Cdc.Postgres, rows in ClickHouse", changes, engine, () => toClickHouse.RunAsync(changes), mayRepeat: true),
};
if (debezium is not null) stream.Add(new("Debezium, events in Kafka", changes / (await debezium.RunAsync(changes)).TotalSeconds));
Print($"Stream, {changes:N0} changes, half of them one transaction", stream);
return 0;

static void Print(string title, List<Measurement> results)
{
    Console.WriteLine($"\n{title}\n");
    Console.WriteLine("| | a second | of the limit | memory at most | CPU µs each | allocated B each |");
    Console.WriteLine("|---|---:|---:|---:|---:|---:|");
    foreach (var r in results)
    {
        var own = r.Memory > 0 ? $"{r.Memory >> 20} MiB | {r.OwnMicroseconds:F2} | {r.Allocated:F1}" : "– | – | –";
        Console.WriteLine($"| {r.Name} | {r.PerSecond:N0} | {r.PerSecond / results[0].PerSecond:P0} | {own} |");
    }
}
