using Cdc.ClickHouse;
using Cdc.Postgres;
using Cdc.TestSupport;

namespace Cdc.Benchmarks.Postgres;

/// <summary>This library: rows and changes through the loop, to nowhere or, where an endpoint is given, to ClickHouse.</summary>
internal sealed class Source(Database database, string slot, Uri? clickHouse = null)
{
    private readonly MemoryLedger ledger = new();

    /// <summary>Runs until so many changes are durable and committed.</summary>
    /// <returns>How many were.</returns>
    public async Task<long> RunAsync(long rows)
    {
        var options = new PostgresOptions { ConnectionString = database.Where.ConnectionString, Slot = slot, Publication = Database.Publication, CreateSlot = true };
        await using var source = new PostgresChangeSource(options, ledger);
        await using IChangeSink sink = clickHouse is null ? new Nowhere() : new ClickHouseWriter(new ClickHouseOptions { Endpoint = clickHouse });
        using var stop = new CancellationTokenSource();
        var pipeline = new ChangePipeline(source, new PostgresReader(), sink, ledger: ledger);
        pipeline.Flushed += report => { if (report.Tables.Sum(t => t.Applied) >= rows) stop.Cancel(); };
        try
        {
            await pipeline.RunAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Everything arrived.
        }

        return pipeline.Report.Tables.Sum(t => t.Applied);
    }
}
