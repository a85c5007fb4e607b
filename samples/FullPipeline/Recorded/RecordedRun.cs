using Cdc;
using Cdc.ClickHouse;
using Cdc.ClickHouse.Embedded;
using Cdc.Debezium;

namespace FullPipeline;

/// <summary>Without a Kafka: a capture of a PostgreSQL database's changes, as Debezium sent them, becomes tables and answers.</summary>
internal static class RecordedRun
{
    public static async Task RunAsync(SampleOptions options, DataFolder folder)
    {
        var board = new StatusBoard();
        await using var app = await RecordedWeb.StartAsync(options.Port, board);
        var stop = app.Lifetime.ApplicationStopping;
        Console.WriteLine($"The page is {app.Urls.First()} (Ctrl-C stops everything)");

        // ClickHouse: the embedded engine, or the server that CLICKHOUSE_URL names.
        await using var engine = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = folder.RecordedEngine, Progress = board }, stop);
        var server = ClickHouseServer.Of(engine.Endpoint);
        using var queries = new ClickHouseQueries(server);
        await board.UseAsync(queries, engine.ProcessId is null ? null : engine.Endpoint, stop);

        // Debezium's messages → changes → rows. Every run applies the whole capture; what is stored already stays as it is.
        board.Enter(SampleState.Applying, "Applying the capture");
        var connector = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Recorded", "captures", "sales.connector.json"), stop);
        await using var capture = new CaptureSource(Path.Combine(AppContext.BaseDirectory, "Recorded", "captures", "sales.jsonl.gz"));
        await using var writer = new ClickHouseWriter(SalesTables.Options(server));
        await using var deadLetters = new CaptureDeadLetters(folder.DeadLetters);
        var pipeline = new ChangePipeline(capture, new DebeziumReader(DebeziumOptions.FromConnector(connector)), writer, deadLetters);
        pipeline.Flushed += board.Count;
        var report = await pipeline.RunAsync(stop);

        // The calendar and the five views.
        await queries.RunScriptAsync(Assets.Text("analytics.sql"), stop);

        if (report.IsClean) board.Enter(SampleState.Ready, $"Applied {report.Messages:N0} messages; the answers stand");
        else board.Enter(SampleState.Attention, $"Not everything was applied: see the tables on the page and {folder.DeadLetters}");

        var engineEnd = engine.ProcessId is null ? Task.Delay(Timeout.Infinite, stop) : engine.WaitForExitAsync(CancellationToken.None);
        var pageEnd = app.WaitForShutdownAsync(CancellationToken.None);
        if (await Task.WhenAny(pageEnd, engineEnd) == engineEnd && !stop.IsCancellationRequested)
        {
            throw new SampleException("The ClickHouse engine ended by itself. Start the sample again; its data is kept.");
        }
    }
}
