using Cdc.ClickHouse.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class BackPressureTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table(string name = "t") => new(database, name, ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.String));

    private const string Busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public async Task A_writer_whose_inserts_wait_takes_no_more_than_it_may_and_goes_on_when_they_succeed()
    {
        var open = new TaskCompletionSource();
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) => open.Task.IsCompleted ? new Fault.None() : new Fault.Answer(Busy));
        await using var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.MaxBlockRows = 10;
            o.InFlightPerTable = 2;
        }));
        var table = Table();
        await writer.AppendAsync(table.Insert(1, "0", "x"));
        var taken = 1;
        while (writer.TryAppend(table.Insert(1, $"{taken}", "x"))) taken++;
        Assert.Equal(30, taken);
        var waiting = writer.PrepareAsync(table.Insert(1, $"{taken}", "x"), WriterExtensions.Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        open.SetResult();
        await waiting;
        await writer.WriteAsync(table.Insert(1, "30", "x"));
        Assert.Equal("31", await engine.QueryAsync($"SELECT count() FROM {database}.t"));
    }

    [Fact]
    public async Task Many_tables_share_one_budget_and_the_largest_block_is_sent_first()
    {
        await using var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.MaxBlockBytes = 100_000;
            o.MaxBufferedBytes = 100_000;
        }));
        var (big, small, text) = (Table("big"), Table("small"), new string('x', 5000));
        for (var i = 0; i < 100; i++) await writer.AppendAsync(big.Insert(1, $"{i}", text), small.Insert(1, $"{i}", "x"));
        Assert.True(int.Parse(await engine.QueryAsync($"SELECT count() FROM {database}.big"), System.Globalization.CultureInfo.InvariantCulture) > 50);
        var result = await writer.WriteAsync();
        Assert.Equal(200, result.Tables.Sum(t => t.Applied));
        Assert.InRange(result.Tables.Sum(t => t.Inserts), 5, 15);
    }

    [Fact]
    public async Task One_row_larger_than_every_limit_is_admitted_alone()
    {
        await using var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.MaxBlockBytes = 1024;
            o.MaxBufferedBytes = 1024;
        }));
        var table = Table();
        await writer.WriteAsync(table.Insert(1, "1", new string('x', 3_000_000)), table.Update(2, "1", Unavailable), table.Insert(1, "2", "y"));
        Assert.Equal("1\t3000000\n2\t1", await engine.QueryAsync($"SELECT id, length(v) FROM {database}.t FINAL ORDER BY id"));
    }

    [Fact]
    public async Task A_server_that_asks_for_a_pause_is_left_alone_that_long()
    {
        var time = new FakeTimeProvider();
        await using var proxy = new FaultProxy(engine.Endpoint, (_, number) => number == 0 ? new Fault.Answer("HTTP/1.1 503 Busy\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n") : new Fault.None());
        await using var writer = new ClickHouseWriter(engine.Options(o => o.Endpoint = proxy.Endpoint), time);
        await writer.AppendAsync(Table().Insert(1, "1", "x"));
        var flush = writer.FlushAsync(WriterExtensions.Cancel).AsTask();
        await WriterExtensions.UntilAsync(() => writer.Status.Any(s => s.IsRetrying));
        var seconds = 0;
        await WriterExtensions.UntilAsync(() =>
        {
            if (proxy.Inserts.Count > 1) return true;
            time.Advance(TimeSpan.FromSeconds(1));
            seconds++;
            return false;
        });
        await flush;
        Assert.InRange(seconds, 30, int.MaxValue);
    }

    [Fact]
    public async Task The_return_of_a_server_that_was_away_is_seen_within_five_seconds()
    {
        var time = new FakeTimeProvider();
        var tries = new List<DateTimeOffset>();
        var away = TimeSpan.FromMinutes(3);
        var start = time.GetUtcNow();
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) =>
        {
            lock (tries) tries.Add(time.GetUtcNow());
            return time.GetUtcNow() - start < away ? new Fault.ResetRequest(0) : new Fault.None();
        });
        await using var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.Retry.MaxDelay = TimeSpan.FromSeconds(60);
        }), time);
        await writer.AppendAsync(Table().Insert(1, "1", "x"));
        var flush = writer.FlushAsync(WriterExtensions.Cancel).AsTask();
        await WriterExtensions.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return flush.IsCompleted;
        });
        await flush;
        var gaps = tries.Zip(tries.Skip(1), (a, b) => b - a).ToList();
        Assert.InRange(gaps.Max(), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5 + 10)); // the clock runs while the machine resets a connection
    }

    [Fact]
    public async Task Appending_allocates_nothing_once_the_block_is_warm()
    {
        await using var writer = new ClickHouseWriter(engine.Options());
        var table = Table();
        var change = table.Insert(1, "1", "a text of some length");
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20_000; i++) await writer.AppendAsync(change);
            await writer.WriteAsync();
        }

        await writer.AppendAsync(change);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (var i = 0; i < 1_000; i++) writer.TryAppend(change);
        }));
    }
}
