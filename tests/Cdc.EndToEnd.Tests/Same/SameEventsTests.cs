using Cdc.Postgres;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>One database, one publication, two slots: Cdc.Postgres reads one, Debezium the other.</summary>
[Collection("one at a time: they kill what they share")]
public sealed class SameEventsTests(RealParts stack, ITestOutputHelper output)
{
    [Fact]
    public async Task The_corpus_workload_gives_the_same_events_in_the_same_order_as_through_Debezium()
    {
        Assert.SkipWhen(stack.Missing is not null, stack.Missing ?? "");
        await using var database = new SameDatabase(stack, $"same{Guid.NewGuid():N}"[..12]);
        await database.CreateAsync();
        await stack.ConnectAsync(database.Name, Connector.Settings(
            stack.Postgres, database.Name, database.OtherSlot, database.Name, ("database.dbname", database.Name), ("snapshot.mode", "initial"), ("decimal.handling.mode", "precise"), ("skipped.operations", "none"),
            ("provide.transaction.metadata", "true"), ("topic.creation.default.partitions", "1")));
        await RealParts.UntilAsync(async () => (await stack.Postgres.LinesAsync($"SELECT 'streams' FROM pg_replication_slots WHERE slot_name = '{database.OtherSlot}' AND active")).Count > 0, TimeSpan.FromMinutes(1), "Debezium streams");
        await using var direct = new DirectEvents(new PostgresOptions { ConnectionString = database.ConnectionString, Slot = database.Name, Publication = database.Name }, SameDatabase.IsLast);
        await direct.SnapshotAsync();
        var end = await database.ChangeAsync();

        var ours = await direct.ToEndAsync();
        await database.ConfirmedAsync(end);
        var theirs = await Task.Run(() => DebeziumEvents.Read(stack.Bootstrap, database.Name, SameDatabase.IsLast), TestContext.Current.CancellationToken);
        var comparison = new SameEvents();
        comparison.Compare(ours, theirs);

        output.WriteLine($"{ours.Streamed.Count()} changes in {ours.Transactions.Count} transactions, {ours.Snapshot.Count()} rows of the snapshot, {comparison.Cells} cells, {ours.LogicalMessages} logical messages");
        foreach (var loss in comparison.Losses.GroupBy(l => l).OrderBy(l => l.Key, StringComparer.Ordinal)) output.WriteLine($"{loss.Key}: {loss.Count()}");
        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences:\n{string.Join('\n', comparison.Differences.Take(100))}");
        Assert.Equal(Loss.Known.Order(StringComparer.Ordinal), comparison.Losses.Distinct().Order(StringComparer.Ordinal));
    }
}
