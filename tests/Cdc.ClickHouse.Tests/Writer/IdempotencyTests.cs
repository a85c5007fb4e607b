using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class IdempotencyTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Orders() => new(database, "orders", ["id"], Column("id", ValueKind.Int64), Column("status", ValueKind.String, nullable: true));

    private static ChangeEvent[] History(TestTable t) =>
    [
        t.Insert(10, "1", "new"), t.Insert(11, "2", "new"), t.Insert(12, "3", null), t.Update(20, "1", "paid"), t.Delete(30, "2"),
        t.Insert(31, "4", "x"), t.Delete(32, "4"), t.Insert(33, "4", "again"), t.Update(40, "1", "sent"),
    ];

    private const string Expected = "1\tsent\n3\t\\N\n4\tagain";

    private Task<string> FinalAsync() => engine.QueryAsync($"SELECT id, status FROM {database}.orders_current ORDER BY id");

    [Fact]
    public async Task The_view_of_present_rows_equals_the_source()
    {
        var result = await engine.WriteAsync(null, History(Orders()));
        Assert.Equal(Expected, await FinalAsync());
        var flush = Assert.Single(result.Tables);
        Assert.Equal((9, 1, 0), (flush.Applied, flush.Inserts, flush.Superseded));
    }

    [Fact]
    public async Task A_history_written_twice_and_in_pieces_and_backwards_ends_the_same()
    {
        var history = History(Orders());
        await engine.WriteAsync(null, history);
        await using var writer = new ClickHouseWriter(engine.Options());
        foreach (var change in history.Reverse()) await writer.WriteAsync(change);
        Assert.Equal(Expected, await FinalAsync());
        await engine.QueryAsync($"OPTIMIZE TABLE {database}.orders FINAL");
        await writer.WriteAsync(history);
        Assert.Equal(Expected, await FinalAsync());
    }

    [Fact]
    public async Task Two_writers_at_once_end_the_same()
    {
        await using var one = new ClickHouseWriter(engine.Options());
        await using var other = new ClickHouseWriter(engine.Options(o => o.MaxBlockRows = 2));
        await Task.WhenAll(one.WriteAsync(History(Orders())), other.WriteAsync([.. History(Orders()).Reverse()]));
        Assert.Equal(Expected, await FinalAsync());
    }

    [Fact]
    public async Task A_flush_given_up_half_way_and_repeated_ends_the_same()
    {
        await using var proxy = new FaultProxy(engine.Endpoint, (_, number) => number % 2 == 1 ? new Fault.Answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") : new Fault.None());
        await using (var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.MaxBlockRows = 3;
            o.InFlightPerTable = 1;
            o.Retry.MinDelay = o.Retry.MaxDelay = TimeSpan.FromHours(1);
        })))
        {
            await writer.AppendAsync([.. History(Orders()).Take(6)]);
            using var patience = new CancellationTokenSource();
            var flush = writer.FlushAsync(patience.Token).AsTask();
            await WriterExtensions.UntilAsync(() => writer.Status.Any(s => s.IsRetrying));
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        }

        Assert.NotEqual(Expected, await FinalAsync());
        await engine.WriteAsync(null, History(Orders()));
        Assert.Equal(Expected, await FinalAsync());
    }

    [Fact]
    public async Task The_technical_columns_say_what_happened()
    {
        var table = Orders();
        await engine.WriteAsync(null, table.Read(5, "9", "seen"), table.Insert(10, "1", "a"), table.Update(20, "1", "b"), table.Delete(30, "1"));
        Assert.Equal(
            "c\t0\t2023-11-14 22:13:20.000000\nd\t1\t2023-11-14 22:13:20.000000\nr\t0\t2023-11-14 22:13:20.000000\nu\t0\t2023-11-14 22:13:20.000000",
            await engine.QueryAsync($"SELECT _op, _is_deleted, _source_ts FROM {database}.orders ORDER BY _op"));
        Assert.Equal(new RowVersion(0, 30, 30, 8).Value.ToString(System.Globalization.CultureInfo.InvariantCulture), await engine.QueryAsync($"SELECT max(_version) FROM {database}.orders"));
        Assert.Equal("1", await engine.QueryAsync($"SELECT min(_ingested_at) > '2020-01-01' FROM {database}.orders"));
    }

    [Fact]
    public async Task Full_blocks_are_sent_before_the_flush()
    {
        await using var writer = new ClickHouseWriter(engine.Options(o => o.MaxBlockRows = 10));
        var table = Orders();
        for (ulong i = 0; i < 95; i++) await writer.AppendAsync(table.Insert(i + 1, $"{i}", "x"));
        await WriterExtensions.UntilAsync(() => engine.QueryAsync($"SELECT count() >= 70 FROM {database}.orders").Result == "1");
        var flush = Assert.Single((await writer.FlushAsync(WriterExtensions.Cancel)).Tables);
        Assert.Equal((95, 10), (flush.Applied, flush.Inserts));
        Assert.Same(FlushResult.Empty, await writer.FlushAsync(WriterExtensions.Cancel));
    }
}
