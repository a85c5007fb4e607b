using Cdc;
using Cdc.ClickHouse;
using Cdc.Debezium;

var reader = new DebeziumReader();
await using var writer = new ClickHouseWriter(new ClickHouseOptions { Endpoint = new Uri(args[0]) });
var change = new ChangeEvent();

for (var offset = 0; offset < 3; offset++)
{
    var message = new SourceMessage("shop.public.orders", partition: 0, offset, Messages.Key(offset), Messages.Value(offset));
    if (reader.Read(message, change) != MessageKind.Change) continue;
    Console.WriteLine($"{change.Operation} {change.Shape.Table} at {change.Version}");
    while (!writer.TryAppend(change)) await writer.PrepareAsync(change, CancellationToken.None);
}

var result = await writer.FlushAsync(CancellationToken.None);
foreach (var table in result.Tables) Console.WriteLine($"{table.Table}: {table.Applied} rows are durable; SELECT * FROM {table.Table}_current");
