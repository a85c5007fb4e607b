using Cdc.ClickHouse.Internal.Errors;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>One table of the source: its shapes, its inserts under way, and the rows that wait for a look-up. Used by one caller at a time.</summary>
internal sealed class TableWriter : IDisposable
{
    // A reader that makes shapes without end must not make blocks without end.
    private const int MaxBindings = 32;
    private readonly WriterContext context;
    private readonly Dictionary<TableShape, TableBinding> bindings = new(ReferenceEqualityComparer.Instance);
    private readonly List<Task> inFlight = [];
    private readonly SemaphoreSlim slots;
    private readonly WaitingRows waiting;
    private readonly TableFence fence;
    private TableBinding? current;

    public TableWriter(TableId table, WriterContext context)
    {
        this.context = context;
        State = new TableState(table, context.Streams, context.Time, context.Changed);
        slots = new SemaphoreSlim(context.Options.InFlightPerTable);
        waiting = new WaitingRows(context);
        fence = new TableFence(table, context);
    }

    public TableState State { get; }

    public bool HasInFlight
    {
        get
        {
            inFlight.RemoveAll(static t => t.IsCompleted);
            return inFlight.Count > 0;
        }
    }

    public long OpenBytes => waiting.Bytes + bindings.Values.Sum(static b => b.Open?.Bytes ?? 0);

    /// <returns>False where the shape is unknown or there is no room.</returns>
    public bool TryAppend(ChangeEvent change)
    {
        if (State.Stopped is { } stopped) throw new TableStoppedException(stopped.Table, stopped.Reason, stopped.InnerException);
        if (Find(change.Shape) is not { } binding || waiting.IsFull) return false;
        if (!fence.Passes(change))
        {
            State.Fenced();
            return true;
        }

        if (binding.Open is { IsFull: true } && !TrySeal(binding)) return false;
        var block = binding.OpenOrRent();
        var size = block.Bytes;
        var origin = context.Streams.OriginOf(change);
        if (binding.Keep && change.Operation == ChangeOperation.Update || !binding.Layout.TryAppend(block, change, origin))
        {
            waiting.Add(change.Detach(), binding, origin);
            return true;
        }

        context.Buffered(block.Bytes - size);
        if (block.IsFull) TrySeal(binding);
        return true;
    }

    public async Task PrepareAsync(ChangeEvent change, CancellationToken cancellationToken)
    {
        if (State.Stopped is { } stopped) throw stopped;
        if (Find(change.Shape) is null)
        {
            await BindAsync(change.Shape, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (waiting.IsFull) await DrainAsync(cancellationToken).ConfigureAwait(false);
        if (bindings[change.Shape].Open is { IsFull: true } && HasInFlight) await WaitAnyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies a truncate: what was taken is stored first, then everything older is removed, whoever stores it and when.</summary>
    /// <remarks>A truncate's message has no key, so its shape is none that rows could have.</remarks>
    public async Task TruncateAsync(RowVersion truncate, CancellationToken cancellationToken)
    {
        if (State.Stopped is { } stopped) throw stopped;
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        if (State.Stopped is { } after) throw after;
        await fence.RaiseAsync(truncate, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After a drain: learns of truncates that other writers applied meanwhile.</summary>
    public Task RefreshFenceAsync(CancellationToken cancellationToken) => bindings.Count > 0 && State.Stopped is null ? fence.RefreshAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Completes when every row taken is stored, refused, or held.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        do
        {
            SealAll();
            await WaitAllAsync(cancellationToken).ConfigureAwait(false);
            if (State.Stopped is not null) HoldRest();
        }
        while (await waiting.ResolveAsync(State, cancellationToken).ConfigureAwait(false) || bindings.Values.Any(static b => b.Open is { Rows: > 0 }));
    }

    public void SealAll()
    {
        foreach (var binding in bindings.Values)
        {
            if (binding.Open is { Rows: > 0 }) Seal(binding);
        }
    }

    public Task WaitAnyAsync(CancellationToken cancellationToken) => inFlight.Count == 0 ? Task.CompletedTask : Task.WhenAny(inFlight).WaitAsync(cancellationToken);

    private Task WaitAllAsync(CancellationToken cancellationToken) => Task.WhenAll(inFlight).WaitAsync(cancellationToken);

    private TableBinding? Find(TableShape shape)
    {
        if (current is { } known && ReferenceEquals(known.Plan.Shape, shape)) return known;
        if (bindings.TryGetValue(shape, out var found)) current = found;
        return found;
    }

    private async Task BindAsync(TableShape shape, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(context.Options.Retry, context.Time);
        while (true)
        {
            try
            {
                await TryBindAsync(shape, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ClickHouseServerException failure) when (failure.IsTransient)
            {
                State.Retrying(failure.Message);
                await backoff.WaitAsync(ErrorClass.Transient, failure.IsAway, null, cancellationToken).ConfigureAwait(false);
            }
            catch (ClickHouseServerException failure)
            {
                State.Stop($"the server refuses to prepare its table: {failure.Message}", failure);
                throw State.Stopped!;
            }
        }
    }

    private async Task TryBindAsync(TableShape shape, CancellationToken cancellationToken)
    {
        var plan = await PlanReader.ReadAsync(shape, context, cancellationToken).ConfigureAwait(false);
        if (plan.Refusal is { } refusal)
        {
            State.Stop(refusal);
            throw State.Stopped!;
        }

        if (plan.Statements.Count > 0)
        {
            // Blocks of the table as it is must arrive before it changes, and what was planned for it is planned anew.
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            Forget();
            if (State.Stopped is { } stopped) throw stopped;
            var settings = (await context.VersionAsync(cancellationToken).ConfigureAwait(false)).Time64NeedsSetting ? "&enable_time_time64_type=1" : "";
            foreach (var statement in plan.Statements) await context.Server.QueryAsync(statement, null, $"{settings}&alter_sync=2&mutations_sync=2", cancellationToken).ConfigureAwait(false);
            plan = await PlanReader.ReadAsync(shape, context, cancellationToken).ConfigureAwait(false);
            if (plan.Refusal is { } after)
            {
                State.Stop(after);
                throw State.Stopped!;
            }

            if (plan.Statements.Count > 0)
            {
                State.Stop($"{plan.Database}.{plan.Table} is not as planned after it was prepared; another writer may be changing it. Still to do: {plan.Statements[0]}");
                throw State.Stopped!;
            }
        }

        if (bindings.Count >= MaxBindings)
        {
            await DrainAsync(cancellationToken).ConfigureAwait(false);
            Forget();
        }

        await fence.BindAsync(plan.Fence, cancellationToken).ConfigureAwait(false);
        bindings[shape] = current = new TableBinding(plan, context.Options);
        State.Recovered();
    }

    private bool TrySeal(TableBinding binding)
    {
        inFlight.RemoveAll(static t => t.IsCompleted);
        if (inFlight.Count >= context.Options.InFlightPerTable) return false;
        Seal(binding);
        return true;
    }

    private void Seal(TableBinding binding)
    {
        var block = binding.Open!;
        binding.Open = null;
        inFlight.RemoveAll(static t => t.IsCompleted);
        inFlight.Add(Task.Run(() => InsertAsync(binding, block)));
    }

    private async Task InsertAsync(TableBinding binding, RowBlock block)
    {
        await slots.WaitAsync(context.Lifetime).ConfigureAwait(false);
        try
        {
            await new BlockInsert(block, binding, State, context.Server, context.Options, context.Time).RunAsync(context.Lifetime).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A defect of ours must not pass for success: the rows are held and the table stops.
            State.Stop($"an insert failed unexpectedly ({failure.GetType().Name})", failure);
            foreach (var origin in block.Origins) State.Hold(origin);
        }
        finally
        {
            slots.Release();
            context.Buffered(-block.Bytes);
            binding.Return(block);
        }
    }

    /// <summary>A stopped table sends nothing more: what it took is held.</summary>
    private void HoldRest()
    {
        foreach (var binding in bindings.Values)
        {
            if (binding.Open is not { } block) continue;
            foreach (var origin in block.Origins) State.Hold(origin);
            context.Buffered(-block.Bytes);
            block.Clear();
        }

        waiting.Hold(State);
    }

    private void Forget()
    {
        foreach (var binding in bindings.Values) binding.Dispose();
        bindings.Clear();
        current = null;
    }

    /// <summary>Waits until no insert is under way any more; those of a disposed writer are cancelled.</summary>
    public Task QuietAsync() => Task.WhenAll(inFlight).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    public void Dispose()
    {
        foreach (var binding in bindings.Values) binding.Dispose();
        slots.Dispose();
    }
}
