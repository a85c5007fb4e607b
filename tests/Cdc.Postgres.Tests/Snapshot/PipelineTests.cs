using System.Runtime.CompilerServices;
using Cdc.Postgres.Internal.Snapshot;
using Npgsql;

namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>Snapshots through the real loop and reader: what the ledger holds afterwards, and what the events are.</summary>
public sealed class PipelineTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_loop_reads_every_row_as_an_event_and_the_ledger_knows_that_all_is_finished()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA loop; CREATE TABLE loop.t (id int PRIMARY KEY, v text); INSERT INTO loop.t SELECT i, 'v' || i FROM generate_series(1, 3000) i; CREATE TABLE loop.empty (id int PRIMARY KEY); CREATE PUBLICATION loop FOR TABLE loop.t, loop.empty");
        var ledger = new MemoryLedger();
        var sink = new RowSink();
        await RunAsync(ledger, sink, new SnapshotStart { IsFirst = true, Position = 4711 });

        Assert.Equal(await server.LinesAsync("SELECT id || '=' || v FROM loop.t ORDER BY id"), sink.Rows.OrderBy(r => r.Id).Select(r => $"{r.Id}={r.Text}"));
        Assert.All(sink.Rows, r => Assert.Equal((ChangeOperation.Read, true, new RowVersion(0, 4711, 0, RowVersion.SnapshotRank)), (r.Operation, r.IsSnapshot, r.Version)));
        var start = new SnapshotStart { IsFirst = false, Entries = await ledger.ReadAsync(Token) };
        Assert.All(start.Plans().Values, p => Assert.True(p.IsFinished));
        Assert.Equal(2, start.Plans().Count);
        Assert.True(start.Finished()["snapshot:loop.t"].Count() > 2);

        var again = new RowSink();
        await RunAsync(ledger, again, start);
        Assert.Empty(again.Rows);
    }

    [Fact]
    public async Task A_type_that_the_server_cannot_send_in_binary_is_read_as_its_text()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA odd;
            CREATE TYPE odd.pair AS (a int, b text);
            CREATE TABLE odd.acl (id int PRIMARY KEY, v aclitem);
            INSERT INTO odd.acl VALUES (1, 'cdc=r/cdc');
            CREATE TABLE odd.pairs (id int PRIMARY KEY, v odd.pair);
            INSERT INTO odd.pairs VALUES (2, (7, 'x y'));
            CREATE TABLE odd.search (id int PRIMARY KEY, v tsvector);
            INSERT INTO odd.search VALUES (3, 'a:1 b:2');
            CREATE PUBLICATION odd FOR TABLE odd.acl, odd.pairs, odd.search;
            """);
        var sink = new RowSink();
        await RunAsync(new MemoryLedger(), sink, new SnapshotStart { IsFirst = true, Position = 1 }, "odd");
        Assert.Equal(["1=cdc=r/cdc", "2=(7,\"x y\")", "3='a':1 'b':2"], sink.Rows.OrderBy(r => r.Id).Select(r => $"{r.Id}={r.Text}"));
    }

    private async Task RunAsync(MemoryLedger ledger, RowSink sink, SnapshotStart start, string publication = "loop")
    {
        await using var data = NpgsqlDataSource.Create(fixture.Server.ConnectionString + ";Command Timeout=0");
        await using var source = new FeedSource(new SnapshotFeed(data, new SnapshotSettings(publication, publication) { RangeBlocks = 4 }, ledger, new StreamedTransactions()), start);
        var options = new PipelineOptions { FlushInterval = TimeSpan.FromMilliseconds(20) };
        var report = await new ChangePipeline(source, new PostgresReader(), sink, options: options, ledger: ledger).RunAsync(Token);
        Assert.True(report.IsClean);
    }

    /// <summary>The snapshots alone, until they are finished.</summary>
    private sealed class FeedSource(SnapshotFeed feed, SnapshotStart start) : IChangeSource
    {
        public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            feed.Begin(start);
            await foreach (var batch in feed.ReadUntilCaughtUpAsync(cancellationToken)) yield return batch;
            while (feed.Progress.Any(p => p.State != PostgresSnapshotState.Finished))
            {
                if (await feed.TryTakeAsync(cancellationToken) is { } batch) yield return batch;
                else yield return default;
                await feed.WaitAsync(TimeSpan.FromMilliseconds(10), cancellationToken);
            }
        }

        public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
        {
            feed.Commit(checkpoints);
            return default;
        }

        public ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken) => new((SourceMessage?)null);

        public ValueTask DisposeAsync() => feed.DisposeAsync();
    }

    private sealed class RowSink : IChangeSink
    {
        public List<(int Id, string Text, ChangeOperation Operation, bool IsSnapshot, RowVersion Version)> Rows { get; } = [];

        public bool TryAppend(ChangeEvent change)
        {
            Rows.Add(((int)change.After[0].GetInt64(), change.After[1].GetString(), change.Operation, change.IsSnapshot, change.Version));
            return true;
        }

        public ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken) => default;

        public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => new(FlushResult.Empty);

        public ValueTask DisposeAsync() => default;
    }
}
