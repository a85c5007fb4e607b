using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class RejectionTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table(string name) => new(database, name, ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.Int32));

    private async Task<TestTable> WithConstraintAsync(string name)
    {
        var table = Table(name);
        await engine.WriteAsync(null, table.Insert(1, "0", "1"));
        await engine.QueryAsync($"ALTER TABLE {database}.{name} ADD CONSTRAINT `pos itive` CHECK v > 0");
        return table;
    }

    [Fact]
    public async Task Rows_that_the_server_refuses_are_found_and_the_others_are_stored()
    {
        var table = await WithConstraintAsync("t");
        await using var writer = new ClickHouseWriter(engine.Options());
        for (var i = 1; i <= 200; i++) await writer.AppendAsync(table.Insert((ulong)i, $"{i}", i is 7 or 8 or 150 ? "-99887766" : "1"));
        var result = await writer.FlushAsync(WriterExtensions.Cancel);
        Assert.Equal([7, 8, 150], result.Rejected.Select(r => r.Position.Position));
        Assert.All(result.Rejected, r =>
        {
            Assert.Equal(DeadLetterReason.TargetRefused, r.Reason);
            Assert.Contains("`pos itive`", r.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("99887766", r.Detail, StringComparison.Ordinal);
        });
        Assert.Empty(result.Stopped);
        Assert.Equal("198", await engine.QueryAsync($"SELECT count() FROM {database}.t FINAL"));
    }

    [Fact]
    public async Task A_block_that_is_mostly_refused_stops_its_table_and_no_other()
    {
        var bad = await WithConstraintAsync("bad");
        var good = Table("good");
        await using var writer = new ClickHouseWriter(engine.Options());
        for (var i = 1; i <= 60; i++) await writer.AppendAsync(bad.Insert((ulong)i, $"{i}", "-1"), good.Insert((ulong)i, $"{i}", "1"));
        var result = await writer.FlushAsync(WriterExtensions.Cancel);
        var stop = Assert.Single(result.Stopped);
        Assert.Equal((bad.Shape.Table, 60), (stop.Cause.Table, stop.Rows));
        Assert.Equal([new Checkpoint("topic", 0, 1)], stop.FirstHeld);
        Assert.Empty(result.Rejected);
        Assert.Throws<TableStoppedException>(() => writer.TryAppend(bad.Insert(99, "99", "1")));
        await writer.WriteAsync(good.Insert(99, "99", "1"));
        Assert.Equal("61", await engine.QueryAsync($"SELECT count() FROM {database}.good FINAL"));
    }

    [Fact]
    public async Task A_value_that_does_not_fit_is_refused_before_it_is_sent_and_nothing_of_its_row_stays()
    {
        var table = Table("fit");
        await engine.WriteAsync(null, table.Insert(1, "1", "1"));
        var wide = new TestTable(database, "fit", ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.Int32, nullable: false));
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.AppendAsync(wide.Insert(2, "2", "5"));
        var refused = await Assert.ThrowsAsync<ValueRefusedException>(() => writer.AppendAsync(wide.Insert(3, "3", "5000000000")));
        Assert.Equal(("v", RefusalReason.OutOfRange), (refused.Column, refused.Reason));
        await Assert.ThrowsAsync<ValueRefusedException>(() => writer.AppendAsync(wide.Insert(4, "4", null)));
        await Assert.ThrowsAsync<ChangeFormatException>(() => writer.AppendAsync(wide.Insert(5, "5", "no number")));
        await writer.WriteAsync(wide.Insert(6, "6", "7"));
        Assert.Equal("1\t1\n2\t5\n6\t7", await engine.QueryAsync($"SELECT id, v FROM {database}.fit FINAL ORDER BY id"));
    }

    [Fact]
    public async Task A_table_dropped_under_way_stops_and_holds_what_it_took_by_partition()
    {
        var first = Table("gone");
        var second = new TestTable(database, "gone", ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.Int32)) { Partition = 3 };
        await using var writer = new ClickHouseWriter(engine.Options());
        await writer.WriteAsync(first.Insert(1, "1", "1"), second.Insert(2, "2", "2"));
        await engine.QueryAsync($"DROP TABLE {database}.gone SYNC");
        await writer.AppendAsync(first.Insert(3, "3", "3"), second.Insert(4, "4", "4"), first.Insert(5, "5", "5"));
        var stop = Assert.Single((await writer.FlushAsync(WriterExtensions.Cancel)).Stopped);
        Assert.Equal(3, stop.Rows);
        Assert.Equal([new Checkpoint("topic", 0, 1), new Checkpoint("topic", 3, 1)], stop.FirstHeld.OrderBy(c => c.Partition));
        Assert.Equal(60, Assert.IsType<ClickHouseInsertException>(stop.Cause.InnerException).Code);
        Assert.Same(FlushResult.Empty, await writer.FlushAsync(WriterExtensions.Cancel));
    }
}
