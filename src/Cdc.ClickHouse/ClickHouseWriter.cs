using Cdc.ClickHouse.Internal.Http;
using Cdc.ClickHouse.Internal.Plan;
using Cdc.ClickHouse.Internal.Writing;

namespace Cdc.ClickHouse;

/// <summary>
/// Writes changes to ClickHouse, idempotently and in batches: each table of the source becomes a ReplacingMergeTree by version,
/// so that <c>SELECT … FINAL</c> equals the source once everything has arrived, however often and in whatever order it did.
/// </summary>
/// <remarks>
/// A change is encoded when it is appended and durable when <see cref="FlushAsync"/> completes; full blocks are sent in the background meanwhile.
/// What may heal is retried until the writer is disposed; a row that the server refuses is in the flush's result; a table that cannot go on stops
/// alone. Used by one caller at a time.
/// </remarks>
public sealed class ClickHouseWriter : IChangeSink
{
    private readonly WriterContext context;
    private readonly Dictionary<TableId, TableWriter> tables = [];
    private TableWriter? last;
    private TableId lastTable;

    /// <summary>Makes a writer. It connects when the first change comes.</summary>
    /// <param name="options">Where and how to write; read once.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message names every problem.</exception>
    public ClickHouseWriter(ClickHouseOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(nameof(options));
        time ??= TimeProvider.System;
        context = new WriterContext(options, new ServerConnection(options, time), time, status => StatusChanged?.Invoke(status));
    }

    /// <summary>Raised when a table begins to retry, recovers, or stops; perhaps on a background thread.</summary>
    public event Action<ClickHouseTableStatus>? StatusChanged;

    /// <summary>How the tables fare that had changes so far.</summary>
    public IReadOnlyList<ClickHouseTableStatus> Status
    {
        get
        {
            lock (tables) return [.. tables.Values.Select(t => t.State.Status)];
        }
    }

    /// <summary>What a new table for a shape would be: without asking a server.</summary>
    /// <param name="shape">What the messages carry.</param>
    /// <param name="options">The options; the endpoint does not matter.</param>
    public static ClickHouseTablePlan Plan(TableShape shape, ClickHouseOptions options)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        return TablePlanner.Plan(shape, null, false, ServerVersion.Newest, options).ToPublic();
    }

    /// <summary>What the writer would do to the server's table before it writes rows of a shape. Nothing is changed.</summary>
    /// <param name="shape">What the messages carry.</param>
    /// <param name="cancellationToken">Abandons the call.</param>
    /// <exception cref="ClickHouseServerException">The server cannot be asked.</exception>
    public async ValueTask<ClickHouseTablePlan> PlanAsync(TableShape shape, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return (await PlanReader.ReadAsync(shape, context, cancellationToken).ConfigureAwait(false)).ToPublic();
    }

    /// <inheritdoc/>
    public bool TryAppend(ChangeEvent change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Operation is ChangeOperation.None or ChangeOperation.Truncate) throw new ArgumentException($"A {change.Operation} is no change of a row.", nameof(change));
        return !context.IsOverBudget && Find(change.Shape.Table) is { } table && table.TryAppend(change);
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var table = Find(change.Shape.Table) ?? Add(change.Shape.Table);
        while (context.IsOverBudget) await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
        await table.PrepareAsync(change, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        // All tables send at once; what needs look-ups then takes its turn.
        foreach (var table in tables.Values) table.SealAll();
        foreach (var table in tables.Values) await table.DrainAsync(cancellationToken).ConfigureAwait(false);
        if (context.Options.ApplyTruncates)
        {
            foreach (var table in tables.Values) await table.RefreshFenceAsync(cancellationToken).ConfigureAwait(false);
        }

        var flushes = new List<TableFlush>();
        var rejections = new List<RowRejection>();
        var stops = new List<TableStop>();
        foreach (var table in tables.Values) table.State.Collect(flushes, rejections, stops);
        return flushes.Count + rejections.Count + stops.Count == 0 ? FlushResult.Empty : new FlushResult(flushes, rejections, stops);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The truncate becomes a fence in the table's comment: every row with an older version is deleted, and left out when it comes later.
    /// It needs <see cref="ClickHouseOptions.ApplyTruncates"/>, with every writer of the table.
    /// </remarks>
    /// <exception cref="ClickHouseServerException">The server refused it or did not answer.</exception>
    public async ValueTask TruncateAsync(ChangeEvent truncate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(truncate);
        var table = truncate.Shape.Table;
        if (!context.Options.ApplyTruncates) throw new TableStoppedException(table, $"the source truncated it. Set {nameof(ClickHouseOptions)}.{nameof(ClickHouseOptions.ApplyTruncates)} with every writer of the table, or empty the target's table yourself and run with Truncate = Ignore");
        await (Find(table) ?? Add(table)).TruncateAsync(truncate.Version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops without flushing: what was not flushed is not durable and its positions must not be committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await context.CancelAsync().ConfigureAwait(false);
        foreach (var table in tables.Values)
        {
            await table.QuietAsync().ConfigureAwait(false);
            table.Dispose();
        }

        context.Dispose();
    }

    private TableWriter? Find(TableId table)
    {
        if (last is not null && lastTable == table) return last;
        if (!tables.TryGetValue(table, out var found)) return null;
        last = found;
        lastTable = table;
        return found;
    }

    private TableWriter Add(TableId table)
    {
        var writer = new TableWriter(table, context);
        lock (tables) tables.Add(table, writer);
        return writer;
    }

    /// <summary>Sends the largest open block, whoever's it is, and waits for one insert to end.</summary>
    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (!tables.Values.Any(static t => t.HasInFlight))
        {
            var largest = tables.Values.MaxBy(static t => t.OpenBytes);
            if (largest is null) return;
            largest.SealAll();
            if (!largest.HasInFlight) await largest.DrainAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in tables.Values.Where(static t => t.HasInFlight).Take(1)) await table.WaitAnyAsync(cancellationToken).ConfigureAwait(false);
    }
}
