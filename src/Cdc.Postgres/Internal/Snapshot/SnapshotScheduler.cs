using System.Threading.Channels;
using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Decides which tables are read when, in the background: one run after the other.</summary>
internal sealed class SnapshotScheduler(
    NpgsqlDataSource data, SnapshotSettings settings, ChannelWriter<SnapshotBatch> output, SnapshotTables tables, StreamedTransactions streamed, TimeProvider time)
{
    private readonly Channel<(string Schema, string Table)?> requests = Channel.CreateUnbounded<(string, string)?>();
    private readonly TableRunFactory factory = new(data, settings, streamed, time);
    private volatile Dictionary<string, SnapshotPlan> plans = [];
    private volatile bool isCaughtUp;
    private volatile string? retrying;

    public Watermarks Watermarks { get; } = new(settings.Slot);

    public bool IsCaughtUp => isCaughtUp;

    public string? Retrying => retrying;

    /// <summary>Looks at the publication now.</summary>
    public void Look() => requests.Writer.TryWrite(null);

    public bool TryRepeat(string schema, string table)
    {
        var topic = SnapshotPlan.TopicOf(schema, table);
        return plans.ContainsKey(topic) && !tables.IsReading(topic) && requests.Writer.TryWrite((schema, table));
    }

    public async Task RunAsync(SnapshotStart start, CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(start, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(GoOnAsync(cancellationToken), ForgetAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (NpgsqlException failure) when (!cancellationToken.IsCancellationRequested)
        {
            var hint = failure.SqlState == PostgresErrorCodes.InsufficientPrivilege ? ". The check names the right that is missing and the SQL that grants it" : "";
            throw new PostgresSourceException($"A snapshot cannot be read: {ServerFailure.Describe(failure)}{hint}.", innerException: failure);
        }
        finally
        {
            if (start.Exporter is { } exporter) await exporter.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task GoOnAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await TryAsync(AddAsync, cancellationToken).ConfigureAwait(false);
            if (await NextAsync(cancellationToken).ConfigureAwait(false) is { } repeat)
            {
                await TryAsync(token => RepeatAsync(repeat.Schema, repeat.Table, token), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Keeps the streamed transactions few, however long a table is read.</summary>
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken).ConfigureAwait(false);
            if (!streamed.IsFull) continue;
            await TryAsync(async token => streamed.Forget(await SnapshotSession.LookAsync(data, token).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(SnapshotStart start, CancellationToken cancellationToken)
    {
        plans = start.Plans();
        if (start.IsFirst)
        {
            // The snapshot is taken over here or not at all: what exported it need not stay.
            var (runs, session) = await FirstAsync(start, cancellationToken).ConfigureAwait(false);
            if (start.Exporter is { } exporter) await exporter.DisposeAsync().ConfigureAwait(false);
            foreach (var run in runs) tables.Open(run.Plan.Table, run.Plan.Version);
            await ReadAsync(runs, session, isFirst: true, cancellationToken, start.Remember).ConfigureAwait(false);
        }
        else
        {
            if (start.Remember is { } entry) await output.WriteAsync(new SnapshotBatch(0) { Entries = [entry] }, cancellationToken).ConfigureAwait(false);
            await TryAsync(token => ResumeAsync(start, token), cancellationToken).ConfigureAwait(false);
        }

        await output.WriteAsync(new SnapshotBatch(0) { Delivered = () => isCaughtUp = true }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(IReadOnlyList<TableRun> Runs, SnapshotSession Session)> FirstAsync(SnapshotStart start, CancellationToken cancellationToken)
    {
        IReadOnlyList<TableRun> runs = [];
        SnapshotSession session = null!;
        var exported = start.Exported;
        await TryAsync(
            async token =>
            {
                var published = await factory.PublishedAsync(token).ConfigureAwait(false);
                var name = exported;
                exported = null;
                session = await OpenFirstAsync([.. published.Select(p => p.Table)], name, token).ConfigureAwait(false);
                runs = await PlanAsync(session, published, start.Position, holds: false, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return (runs, session);
    }

    private async Task<SnapshotSession> OpenFirstAsync(IReadOnlyList<TableDescription> described, string? exported, CancellationToken cancellationToken)
    {
        TransactionSnapshot floor;
        if (exported is null)
        {
            // What committed below the position has a smaller id than one that is drawn now.
            floor = TransactionSnapshot.Below(await SnapshotSession.DrawIdAsync(data, cancellationToken).ConfigureAwait(false));
        }
        else
        {
            var (session, isUsable) = await SnapshotSession.AdoptAsync(data, exported, described, cancellationToken).ConfigureAwait(false);
            if (isUsable) return session;
            floor = session.Snapshot;
            await session.DisposeAsync().ConfigureAwait(false);
        }

        return await factory.OpenAsync(described, [floor], 0, Waits, cancellationToken).ConfigureAwait(false);
    }

    private async Task ResumeAsync(SnapshotStart start, CancellationToken cancellationToken)
    {
        var published = await factory.PublishedAsync(cancellationToken).ConfigureAwait(false);
        var unfinished = new List<(PublishedTable Table, SnapshotPlan Plan)>();
        foreach (var table in published)
        {
            // A table that was dropped and created again has another oid: it is a new one, found later.
            if (!plans.TryGetValue(SnapshotPlan.TopicOf(table.Table.Schema, table.Table.Name), out var plan) || plan.Table != table.Table.Oid) continue;
            tables.Open(plan.Table, plan.IsFinished ? 0 : plan.Version);
            if (!plan.IsFinished) unfinished.Add((table, plan));
        }

        if (unfinished.Count == 0) return;
        var finished = start.Finished();
        var session = await factory.OpenAsync([.. unfinished.Select(u => u.Table.Table)], [.. unfinished.Select(u => u.Plan.Floor)], 0, Waits, cancellationToken).ConfigureAwait(false);
        var runs = new List<TableRun>();
        var byTable = unfinished.ToDictionary(u => u.Plan.Table, u => u.Plan);
        foreach (var table in await FreshAsync([.. unfinished.Select(u => u.Table)], cancellationToken).ConfigureAwait(false))
        {
            var plan = byTable[table.Table.Oid];
            runs.Add(await factory.ResumeAsync(session, table, plan, finished[plan.Topic], cancellationToken).ConfigureAwait(false));
        }

        await ReadAsync(runs, session, isFirst: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the tables that the publication has and that are not known.</summary>
    private async Task AddAsync(CancellationToken cancellationToken)
    {
        var known = tables.Known;
        var published = await factory.PublishedAsync(cancellationToken).ConfigureAwait(false);
        await WithdrawAsync(known.Except(published.Select(p => p.Table.Oid)), cancellationToken).ConfigureAwait(false);
        var added = published.Where(p => !known.Contains(p.Table.Oid)).ToList();
        if (added.Count == 0) return;
        foreach (var table in added) tables.Gate(table.Table.Oid, out _);

        // A transaction that wrote before the table was published is streamed only from then on: it must have ended.
        await factory.WaitForRunningAsync(Waits, cancellationToken).ConfigureAwait(false);
        var holds = added.Any(t => t.Table.MayLeaveValuesOut);
        var version = await Watermarks.WriteAsync(
            data,
            position =>
            {
                tables.HoldAll(holds);
                foreach (var table in added) tables.Open(table.Table.Oid, position);
            },
            cancellationToken).ConfigureAwait(false);
        await ReadNowAsync(added, version, holds, cancellationToken).ConfigureAwait(false);
    }

    private async Task WithdrawAsync(IEnumerable<uint> gone, CancellationToken cancellationToken)
    {
        foreach (var table in gone)
        {
            tables.Unpublish(table);
            if (plans.Values.FirstOrDefault(p => p.Table == table) is not { } plan) continue;
            Keep([plan.Withdrawn]);
            await output.WriteAsync(new SnapshotBatch(0) { Entries = [plan.Withdrawn.Entry] }, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Keep(IReadOnlyList<SnapshotPlan> newer) =>
        plans = plans.Values.Where(p => newer.All(n => n.Topic != p.Topic)).Concat(newer).ToDictionary(p => p.Topic);

    private async Task RepeatAsync(string schema, string name, CancellationToken cancellationToken)
    {
        var table = (await factory.PublishedAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(p => p.Table.Schema == schema && p.Table.Name == name);
        if (table is null) return;
        var version = await Watermarks.WriteAsync(data, _ => { }, cancellationToken).ConfigureAwait(false);
        await ReadNowAsync([table], version, holds: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads tables whose version the stream has reached.</summary>
    private async Task ReadNowAsync(IReadOnlyList<PublishedTable> published, ulong version, bool holds, CancellationToken cancellationToken)
    {
        // The stream may be held from the mark on, and would never bring another: what fails here is tried again with the same.
        IReadOnlyList<TableRun> runs = [];
        SnapshotSession session = null!;
        await TryAsync(
            async token =>
            {
                var present = await FreshAsync(published, token).ConfigureAwait(false);
                session = await factory.OpenAsync([.. present.Select(p => p.Table)], [], version, Waits, token).ConfigureAwait(false);
                runs = await PlanAsync(session, present, version, holds, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await ReadAsync(runs, session, isFirst: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tables as they are once a session holds them: a column may have come or gone just before.</summary>
    private async Task<IReadOnlyList<PublishedTable>> FreshAsync(IReadOnlyList<PublishedTable> published, CancellationToken cancellationToken) =>
        [.. (await factory.PublishedAsync(cancellationToken).ConfigureAwait(false)).Where(f => published.Any(p => p.Table.Oid == f.Table.Oid))];

    private async Task<IReadOnlyList<TableRun>> PlanAsync(SnapshotSession session, IReadOnlyList<PublishedTable> published, ulong version, bool holds, CancellationToken cancellationToken)
    {
        try
        {
            var runs = new List<TableRun>();
            foreach (var table in await FreshAsync(published, cancellationToken).ConfigureAwait(false))
            {
                var before = plans.GetValueOrDefault(SnapshotPlan.TopicOf(table.Table.Schema, table.Table.Name));
                runs.Add(await factory.PlanAsync(session, table, version, before, holds, cancellationToken).ConfigureAwait(false));
            }

            return runs;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ReadAsync(IReadOnlyList<TableRun> runs, SnapshotSession session, bool isFirst, CancellationToken cancellationToken, LedgerEntry? also = null)
    {
        tables.Begin(runs);
        tables.HoldAll(false);
        Keep([.. runs.Select(r => r.Plan)]);
        await output.WriteAsync(new SnapshotBatch(0) { Entries = [.. runs.Select(r => r.Plan.Entry), .. also is null ? [] : (LedgerEntry[])[also]] }, cancellationToken).ConfigureAwait(false);
        var described = runs.Select(r => r.Table.Table).ToList();
        var floors = runs.Select(r => r.Plan.Floor).ToList();
        var reading = new SnapshotRun(output, settings.Connections, settings.ReaderState, time, failure => retrying = failure);
        await reading.ReadAsync(runs, session, isFirst, token => ReopenAsync(runs, described, floors, token), cancellationToken).ConfigureAwait(false);
        await output.WriteAsync(new SnapshotBatch(0) { Delivered = () => tables.Delivered(runs) }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SnapshotSession> ReopenAsync(IReadOnlyList<TableRun> runs, IReadOnlyList<TableDescription> described, IReadOnlyList<TransactionSnapshot> floors, CancellationToken cancellationToken)
    {
        var session = await factory.OpenAsync(described, floors, 0, Waits, cancellationToken).ConfigureAwait(false);
        foreach (var run in runs)
        {
            var (relations, _) = await RangePlanner.PlanAsync(session.Connection, run.Table.Table, settings.RangeBlocks, cancellationToken).ConfigureAwait(false);
            if (RangePlanner.IsSame(run.Plan.Relations, relations)) continue;
            await session.DisposeAsync().ConfigureAwait(false);
            throw new PostgresSourceException($"{run.Plan.Schema}.{run.Plan.Name} was rewritten while its snapshot was interrupted. Start again: its snapshot begins anew by itself.", isTransient: true);
        }

        return session;
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        for (var delay = 200; ; delay = Math.Min(30_000, delay * 2))
        {
            try
            {
                await work(cancellationToken).ConfigureAwait(false);
                retrying = null;
                return;
            }
            catch (Exception failure) when (ServerFailure.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                retrying = $"a snapshot is tried again: {ServerFailure.Describe(failure)}";
                await Task.Delay(TimeSpan.FromMilliseconds(delay), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<(string Schema, string Table)?> NextAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.PollInterval);
        try
        {
            return await requests.Reader.ReadAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Waits(ulong transaction)
    {
        if (transaction != 0) retrying = $"transaction {transaction} must end before a snapshot can begin";
        else if (retrying is not null) retrying = null;
    }
}
