using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class TruncateTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Orders() => new(database, "orders", ["id"], Column("id", ValueKind.Int64), Column("status", ValueKind.String, nullable: true));

    private Task<string> FinalAsync() => engine.QueryAsync($"SELECT id, status FROM {database}.orders_current ORDER BY id");

    private ClickHouseWriter Writer()
    {
        var options = engine.Options();
        options.ApplyTruncates = true;
        return new ClickHouseWriter(options);
    }

    [Fact]
    public async Task A_truncate_removes_what_is_older_and_nothing_else_however_late_the_rest_arrives()
    {
        var orders = Orders();
        await using var writer = Writer();
        await writer.WriteAsync(orders.Insert(10, "1", "old"), orders.Insert(11, "2", "old"), orders.Insert(30, "3", "newer than the truncate"));

        await writer.TruncateAsync(orders.Truncate(20), TestContext.Current.CancellationToken);
        Assert.Equal("3\tnewer than the truncate", await FinalAsync());

        var result = await writer.WriteAsync(orders.Insert(12, "4", "late"), orders.Insert(31, "1", "again"));

        Assert.Equal("1\tagain\n3\tnewer than the truncate", await FinalAsync());
        Assert.Equal((1, 1), (result.Tables.Single().Applied, result.Tables.Single().Fenced));
    }

    [Fact]
    public async Task A_truncate_applied_again_or_after_a_newer_one_changes_nothing()
    {
        var orders = Orders();
        await using var writer = Writer();
        await writer.WriteAsync(orders.Insert(10, "1", "old"), orders.Insert(30, "2", "between"), orders.Insert(50, "3", "newest"));

        foreach (var version in new ulong[] { 40, 20, 40 }) await writer.TruncateAsync(orders.Truncate(version), TestContext.Current.CancellationToken);

        Assert.Equal("3\tnewest", await FinalAsync());
        await writer.WriteAsync(orders.Insert(35, "4", "below the newer one"));
        Assert.Equal("3\tnewest", await FinalAsync());
    }

    [Fact]
    public async Task Another_writer_that_stores_an_older_row_later_removes_it_at_its_flush()
    {
        var orders = Orders();
        var others = Orders();
        await using var first = Writer();
        await using var second = Writer();
        await first.WriteAsync(orders.Insert(10, "1", "old"));
        await second.WriteAsync(others.Insert(11, "2", "old"));
        await first.TruncateAsync(orders.Truncate(20), TestContext.Current.CancellationToken);

        var result = await second.WriteAsync(others.Insert(12, "3", "late"));

        Assert.Equal("", await FinalAsync());
        Assert.Equal(1, result.Tables.Single().Applied);
        result = await second.WriteAsync(others.Insert(13, "4", "later still"));
        Assert.Equal(1, result.Tables.Single().Fenced);
    }

    [Fact]
    public async Task A_new_writer_knows_the_truncate_and_the_comment_keeps_what_else_it_says()
    {
        var orders = Orders();
        await using (var writer = Writer())
        {
            await writer.WriteAsync(orders.Insert(10, "1", "old"));
            await writer.TruncateAsync(orders.Truncate(20), TestContext.Current.CancellationToken);
        }

        await using var next = Writer();
        await next.WriteAsync(Orders().Insert(15, "9", "replayed"), Orders().Insert(25, "8", "new"));

        Assert.Equal("8\tnew", await FinalAsync());
        var comment = await engine.QueryAsync($"SELECT comment FROM system.tables WHERE database = '{database}' AND name = 'orders'");
        Assert.StartsWith("cdc layout=log-1 source=", comment, StringComparison.Ordinal);
        Assert.Contains(" fence=", comment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncate_that_comes_before_any_row_still_keeps_the_older_ones_out()
    {
        var orders = Orders();
        var keyless = new TestTable(database, "orders", [], Column("id", ValueKind.Int64), Column("status", ValueKind.String, nullable: true));
        await using var writer = Writer();
        await writer.TruncateAsync(keyless.Truncate(20), TestContext.Current.CancellationToken);

        var result = await writer.WriteAsync(orders.Insert(10, "1", "old"), orders.Insert(30, "2", "new"));

        Assert.Equal("2\tnew", await FinalAsync());
        Assert.Equal(1, result.Tables.Single().Fenced);
        await using var next = Writer();
        await next.WriteAsync(Orders().Insert(11, "3", "old"));
        Assert.Equal("2\tnew", await FinalAsync());
    }

    [Fact]
    public async Task A_truncate_is_refused_where_it_is_not_allowed()
    {
        await using var writer = new ClickHouseWriter(engine.Options());

        var stopped = await Assert.ThrowsAsync<TableStoppedException>(async () => await writer.TruncateAsync(Orders().Truncate(20), TestContext.Current.CancellationToken));

        Assert.Contains("ApplyTruncates", stopped.Message, StringComparison.Ordinal);
    }
}
