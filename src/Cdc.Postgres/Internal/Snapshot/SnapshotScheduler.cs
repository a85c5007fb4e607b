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
    private readonly Attempts attempts = new(time);

    public Watermarks Watermarks { get; } = new(settings.Slot);

    public bool IsCaughtUp => isCaughtUp;

    public string? Retrying => attempts.Retrying;

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

            // Neither ends by itself: the first that ends has failed.
            await (await Task.WhenAny(GoOnAsync(cancellationToken), ForgetAsync(cancellationToken)).ConfigureAwait(false)).ConfigureAwait(false);
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
            await attempts.RunAsync(AddAsync, cancellationToken).ConfigureAwait(false);
            if (await NextAsync(cancellationToken).ConfigureAwait(false) is { } repeat)
            {
                await attempts.RunAsync(token => RepeatAsync(repeat.Schema, repeat.Table, token), cancellationToken).ConfigureAwait(false);
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
            await attempts.RunAsync(async token => streamed.Forget(await SnapshotSession.LookAsync(data, token).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(SnapshotStart start, CancellationToken cancellationToken)
    {
        plans = start.Plans();
        if (start.IsFirst)
        {
            // The snapshot is taken over here or not at all: what exported it need not stay.
            IReadOnlyList<TableRun> runs = [];
            SnapshotSession session = null!;
            var opening = new FirstSnapshot(data, factory, start);
            await attempts.RunAsync(async token => (session, runs) = await opening.OpenAsync(plans, attempts.Waits, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (start.Exporter is { } exporter) await exporter.DisposeAsync().ConfigureAwait(false);
            foreach (var run in runs) tables.Open(run.Plan.Table, run.Plan.Version);
            await ReadAsync(runs, session, isFirst: true, cancellationToken, start.Remember).ConfigureAwait(false);
        }
        else
        {
            if (start.Remember is { } entry) await output.WriteAsync(new SnapshotBatch(0) { Entries = [entry] }, cancellationToken).ConfigureAwait(false);
            await attempts.RunAsync(token => ResumeAsync(start.Finished(), token), cancellationToken).ConfigureAwait(false);
        }

        await output.WriteAsync(new SnapshotBatch(0) { Delivered = () => isCaughtUp = true }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads on what an earlier run left.</summary>
    private async Task ResumeAsync(ILookup<string, int> finished, CancellationToken cancellationToken)
    {
        var unfinished = new List<PublishedTable>();
        foreach (var table in await factory.PublishedAsync(cancellationToken).ConfigureAwait(false))
        {
            // A table that was dropped and created again has another oid: it is a new one, found later.
            if (PlanOf(table) is not { } plan || plan.Table != table.Table.Oid) continue;
            tables.Open(plan.Table, plan.IsFinished ? 0 : plan.Version);
            if (!plan.IsFinished) unfinished.Add(table);
        }

        if (unfinished.Count == 0) return;
        var session = await factory.OpenAsync([.. unfinished.Select(u => u.Table)], [.. unfinished.Select(u => PlanOf(u)!.Floor)], 0, attempts.Waits, cancellationToken).ConfigureAwait(false);
        var runs = new List<TableRun>();
        try
        {
            foreach (var table in await factory.FreshAsync(unfinished, cancellationToken).ConfigureAwait(false))
            {
                var plan = PlanOf(table)!;
                runs.Add(await factory.ResumeAsync(session, table, plan, finished[plan.Topic], cancellationToken).ConfigureAwait(false));
            }
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await ReadAsync(runs, session, isFirst: false, cancellationToken).ConfigureAwait(false);
    }

    private SnapshotPlan? PlanOf(PublishedTable table) => plans.GetValueOrDefault(SnapshotPlan.TopicOf(table.Table.Schema, table.Table.Name));

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
        await factory.WaitForRunningAsync(attempts.Waits, cancellationToken).ConfigureAwait(false);
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
        await attempts.RunAsync(
            async token =>
            {
                var present = await factory.FreshAsync(published, token).ConfigureAwait(false);
                session = await factory.OpenAsync([.. present.Select(p => p.Table)], [], version, attempts.Waits, token).ConfigureAwait(false);
                runs = await factory.PlanAsync(session, present, version, plans, holds, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await ReadAsync(runs, session, isFirst: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync(IReadOnlyList<TableRun> runs, SnapshotSession session, bool isFirst, CancellationToken cancellationToken, LedgerEntry? also = null)
    {
        tables.Begin(runs);
        tables.HoldAll(false);
        Keep([.. runs.Select(r => r.Plan)]);
        await output.WriteAsync(new SnapshotBatch(0) { Entries = [.. runs.Select(r => r.Plan.Entry), .. also is null ? [] : (LedgerEntry[])[also]] }, cancellationToken).ConfigureAwait(false);
        var described = runs.Select(r => r.Table.Table).ToList();
        var floors = runs.Select(r => r.Plan.Floor).ToList();
        var reading = new SnapshotRun(output, settings.Connections, settings.ReaderState, time, attempts.Tell);
        await reading.ReadAsync(runs, session, isFirst, token => ReopenAsync(runs, described, floors, token), cancellationToken).ConfigureAwait(false);
        await output.WriteAsync(new SnapshotBatch(0) { Delivered = () => tables.Delivered(runs) }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SnapshotSession> ReopenAsync(IReadOnlyList<TableRun> runs, IReadOnlyList<TableDescription> described, IReadOnlyList<TransactionSnapshot> floors, CancellationToken cancellationToken)
    {
        var session = await factory.OpenAsync(described, floors, 0, attempts.Waits, cancellationToken).ConfigureAwait(false);
        foreach (var run in runs)
        {
            var (relations, _) = await RangePlanner.PlanAsync(session.Connection, run.Table.Table, settings.RangeBlocks, cancellationToken).ConfigureAwait(false);
            if (RangePlanner.IsSame(run.Plan.Relations, relations)) continue;
            await session.DisposeAsync().ConfigureAwait(false);
            throw new PostgresSourceException($"{run.Plan.Schema}.{run.Plan.Name} was rewritten while its snapshot was interrupted. Start again: its snapshot begins anew by itself.", isTransient: true);
        }

        return session;
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
}
