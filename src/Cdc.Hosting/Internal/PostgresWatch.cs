using Cdc.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cdc.Hosting.Internal;

/// <summary>Looks after a PostgreSQL source beside the loop: what the server keeps for its slot, and whether the source gets on.</summary>
internal sealed class PostgresWatch(PostgresChangeSource source, PipelineSettings settings, StatusBoard board, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> shown = [];
    private PostgresSlotStatus? slot;

    /// <summary>Looks until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do await LookAsync(cancellationToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var warnings = new List<(string Kind, string Words)>();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            var now = await source.ReadSlotAsync(timeout.Token).ConfigureAwait(false);

            // At the first start the source has yet to make it.
            slot = now.Health == PostgresSlotHealth.Missing && slot is null ? null : now;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            warnings.Add(("slot", $"PostgreSQL does not say what it keeps for the slot ({(failure as PostgresException)?.SqlState ?? failure.GetType().Name})"));
        }

        var retrying = source.Retrying;
        if (retrying is not null) warnings.Add(("source", $"the source tries again: {retrying}"));
        if (SlotProblem() is { } problem) warnings.Add(problem);
        board.Note(slot, [.. warnings.Select(w => w.Words)], retrying is not null);
        Tell(warnings);
    }

    private (string Kind, string Words)? SlotProblem() => slot switch
    {
        null => null,
        { Health: PostgresSlotHealth.Lost } => ("lost", $"slot {slot.Slot} is lost: the server removed log that it needed"),
        { Health: PostgresSlotHealth.Missing } => ("missing", $"slot {slot.Slot} is gone"),
        { Health: PostgresSlotHealth.InDanger } => ("danger", $"slot {slot.Slot} may be lost at the server's next checkpoint: max_slot_wal_keep_size is used up"),
        { SafeBytes: { } safe } when safe < (slot.RetainedBytes + safe) / 5 => ("safe", $"slot {slot.Slot} is lost after {safe >> 20} MiB more of log: let the pipeline catch up, or raise max_slot_wal_keep_size"),
        _ when slot.RetainedBytes > settings.Hosting.MaxRetainedBytes => ("retained", $"the server keeps {slot.RetainedBytes >> 20} MiB of log for slot {slot.Slot}"),
        _ => null,
    };

    /// <summary>Each kind of trouble is logged when it begins and when it ends.</summary>
    private void Tell(List<(string Kind, string Words)> warnings)
    {
        foreach (var (kind, words) in warnings)
        {
            if (shown.Add(kind)) Log.SourceWarning(logger, settings.Name, words);
        }

        foreach (var ended in shown.Where(kind => warnings.TrueForAll(w => w.Kind != kind)).ToList())
        {
            shown.Remove(ended);
            Log.SourceRecovered(logger, settings.Name, ended);
        }
    }
}
