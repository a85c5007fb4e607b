using Cdc.Postgres.Internal.Snapshot;

namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>Allocation is counted for the whole process: nothing else may run.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reading_allocates_nothing_for_a_row()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA alloc; CREATE TABLE alloc.t (id int PRIMARY KEY, v text); INSERT INTO alloc.t SELECT i, 'some text of a row' FROM generate_series(1, 200000) i");
        await ReadAsync("SELECT * FROM alloc.t");

        // What a range costs whatever its length is in both.
        var few = await ReadAsync("SELECT * FROM alloc.t LIMIT 20000");
        var many = await ReadAsync("SELECT * FROM alloc.t");
        Assert.InRange((many - few) / 180_000.0, -1, 4);
    }

    private async Task<long> ReadAsync(string query)
    {
        await using var connection = await fixture.Server.Data.OpenConnectionAsync(Token);
        var output = System.Threading.Channels.Channel.CreateBounded<SnapshotBatch>(2);
        var empty = Task.Run(
            async () =>
            {
                await foreach (var batch in output.Reader.ReadAllAsync(Token)) batch.Dispose();
            },
            Token);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await new RangeReader(output.Writer, TimeProvider.System).ReadAsync(connection, $"COPY ({query}) TO STDOUT (FORMAT binary)", new RangeHead("snapshot:t", 0, null, [(byte)'R'], 1), _ => { }, Token);
        var after = GC.GetTotalAllocatedBytes(precise: true);
        output.Writer.Complete();
        await empty;
        return after - before;
    }
}
