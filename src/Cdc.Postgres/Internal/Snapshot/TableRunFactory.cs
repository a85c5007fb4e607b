using Cdc.Postgres.Internal.Setup;
using Cdc.Postgres.Internal.Stream;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Opens the sessions of snapshots and makes or takes up the plans of their tables.</summary>
internal sealed class TableRunFactory(NpgsqlDataSource data, SnapshotSettings settings, StreamedTransactions streamed, TimeProvider time)
{
    private string? database;

    /// <summary>The tables of the publication, as they are now.</summary>
    public async Task<IReadOnlyList<PublishedTable>> PublishedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        database = connection.Database;
        return await Publication.TablesAsync(connection, settings.Publication, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a session that sees all that a floor sees and every transaction that was streamed below a position.</summary>
    /// <param name="tables">The tables to hold.</param>
    /// <param name="floors">What it must see.</param>
    /// <param name="position">The position that the stream has reached; 0 while there is no stream.</param>
    /// <param name="waitsFor">Told the transaction that is waited for, 0 when none is any more.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public async Task<SnapshotSession> OpenAsync(
        IReadOnlyCollection<TableDescription> tables, IReadOnlyCollection<TransactionSnapshot> floors, ulong position, Action<ulong> waitsFor, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = await SnapshotSession.OpenAsync(data, tables, cancellationToken).ConfigureAwait(false);
            var unseen = floors.Select(session.Snapshot.FirstUnseen).FirstOrDefault(u => u != 0);
            if (unseen == 0) unseen = streamed.FirstUnseen(session.Snapshot, position);
            waitsFor(unseen);
            if (unseen == 0) return session;
            await session.DisposeAsync().ConfigureAwait(false);
            await Task.Delay(settings.VisibilityInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until all transactions that run now have ended.</summary>
    public async Task WaitForRunningAsync(Action<ulong> waitsFor, CancellationToken cancellationToken)
    {
        var floor = TransactionSnapshot.Below(await SnapshotSession.DrawIdAsync(data, cancellationToken).ConfigureAwait(false));
        while ((await SnapshotSession.LookAsync(data, cancellationToken).ConfigureAwait(false)).FirstUnseen(floor) is > 0 and var unseen)
        {
            waitsFor(unseen);
            await Task.Delay(settings.VisibilityInterval, time, cancellationToken).ConfigureAwait(false);
        }

        waitsFor(0);
    }

    /// <summary>The tables as they are once a session holds them: a column may have come or gone just before.</summary>
    public async Task<IReadOnlyList<PublishedTable>> FreshAsync(IReadOnlyList<PublishedTable> published, CancellationToken cancellationToken) =>
        [.. (await PublishedAsync(cancellationToken).ConfigureAwait(false)).Where(f => published.Any(p => p.Table.Oid == f.Table.Oid))];

    /// <summary>Plans tables anew. A failure disposes the session.</summary>
    public async Task<IReadOnlyList<TableRun>> PlanAsync(
        SnapshotSession session, IReadOnlyList<PublishedTable> published, ulong version, IReadOnlyDictionary<string, SnapshotPlan> plans, bool holds, CancellationToken cancellationToken)
    {
        try
        {
            var runs = new List<TableRun>();
            foreach (var table in await FreshAsync(published, cancellationToken).ConfigureAwait(false))
            {
                var before = plans.GetValueOrDefault(SnapshotPlan.TopicOf(table.Table.Schema, table.Table.Name));
                runs.Add(await PlanAsync(session, table, version, before, holds, cancellationToken).ConfigureAwait(false));
            }

            return runs;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Plans a table anew.</summary>
    /// <param name="session">The session that reads it.</param>
    /// <param name="table">The table.</param>
    /// <param name="version">The rows' version.</param>
    /// <param name="before">The plan before, whose partitions are used up; null without one.</param>
    /// <param name="holds">Whether the stream waits for it where it must.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    private async Task<TableRun> PlanAsync(SnapshotSession session, PublishedTable table, ulong version, SnapshotPlan? before, bool holds, CancellationToken cancellationToken)
    {
        var (relations, names) = await RangePlanner.PlanAsync(session.Connection, table.Table, settings.RangeBlocks, cancellationToken).ConfigureAwait(false);
        var plan = new SnapshotPlan(table.Table.Schema, table.Table.Name, table.Table.Oid)
        {
            Version = version,
            Floor = session.Snapshot,
            FirstPartition = before?.EndPartition ?? 0,
            Relations = relations,
        };
        table = await DescribeAsync(session, table, cancellationToken).ConfigureAwait(false);
        return new TableRun(plan, table, names, [], Id(table), time) { HoldsStream = holds && table.Table.MayLeaveValuesOut };
    }

    /// <summary>Takes a plan up where it was left, or makes it anew where its blocks are not the table's any more.</summary>
    /// <param name="session">A session that covers the plan's floor.</param>
    /// <param name="table">The table.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="finished">The partitions that are durable.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    public async Task<TableRun> ResumeAsync(SnapshotSession session, PublishedTable table, SnapshotPlan plan, IEnumerable<int> finished, CancellationToken cancellationToken)
    {
        var (relations, names) = await RangePlanner.PlanAsync(session.Connection, table.Table, settings.RangeBlocks, cancellationToken).ConfigureAwait(false);
        return plan.Table == table.Table.Oid && RangePlanner.IsSame(plan.Relations, relations)
            ? new TableRun(plan, await DescribeAsync(session, table, cancellationToken).ConfigureAwait(false), names, finished, Id(table), time)
            : await PlanAsync(session, table, plan.Version, plan, holds: false, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<PublishedTable> DescribeAsync(SnapshotSession session, PublishedTable table, CancellationToken cancellationToken)
    {
        var (message, asText) = await RelationDescriber.DescribeAsync(session.Connection, table, cancellationToken).ConfigureAwait(false);
        return table with { Relation = message, AsText = asText };
    }

    private TableId Id(PublishedTable table) => table.Table.Id(database ?? "");
}
