using Cdc.ClickHouse.Tests.Support;

namespace Cdc.ClickHouse.Tests;

public class LedgerTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ClickHouseLedger Ledger(string pipeline)
    {
        var options = engine.Options();
        options.Database = database;
        return new ClickHouseLedger(options, pipeline);
    }

    [Fact]
    public async Task What_was_written_last_of_each_partition_is_read_by_the_next_process()
    {
        using (var ledger = Ledger("orders"))
        {
            Assert.Empty(await ledger.ReadAsync(Cancelled));
            await ledger.WriteAsync([new(new("t'\n\\", 0, 5), "id-1", "state;1"), new(new("t'\n\\", 1, 7), "id-1", null)], Cancelled);
            await ledger.WriteAsync([new(new("t'\n\\", 0, 9), "id-1", "state;2")], Cancelled);
        }

        using var next = Ledger("orders");
        using var other = Ledger("another pipeline");

        Assert.Equal(
            [new(new("t'\n\\", 0, 9), "id-1", "state;2"), new(new("t'\n\\", 1, 7), "id-1", null)],
            (await next.ReadAsync(Cancelled)).OrderBy(e => e.Partition.Partition));
        Assert.Empty(await other.ReadAsync(Cancelled));
    }

    [Fact]
    public async Task A_position_that_went_back_replaces_the_one_before_even_in_the_same_millisecond()
    {
        using var ledger = Ledger("orders");
        for (var position = 100; position > 0; position--) await ledger.WriteAsync([new(new("t", 0, position), "", null)], Cancelled);

        Assert.Equal(1, (await ledger.ReadAsync(Cancelled)).Single().Partition.Position);
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_transient_failure()
    {
        using var ledger = new ClickHouseLedger(new ClickHouseOptions { Endpoint = new Uri("http://127.0.0.1:1"), Database = database }, "orders");

        var failure = await Assert.ThrowsAsync<ClickHouseServerException>(async () => await ledger.ReadAsync(Cancelled));

        Assert.True(failure.IsTransient);
    }
}
