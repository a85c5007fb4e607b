using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Asks the server now and then what it keeps for the slot.</summary>
internal sealed class SlotWatch(NpgsqlDataSource data, string slot, TimeProvider time)
{
    private volatile PostgresSlotStatus? latest;

    /// <summary>What the server said last, or null before its first answer.</summary>
    public PostgresSlotStatus? Latest => latest;

    /// <summary>Asks now.</summary>
    public async Task<PostgresSlotStatus> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var found = await ServerSlot.FindAsync(connection, slot, cancellationToken).ConfigureAwait(false);
        var health = found switch
        {
            null => PostgresSlotHealth.Missing,
            { IsLost: true } => PostgresSlotHealth.Lost,
            { WalStatus: "unreserved" } => PostgresSlotHealth.InDanger,
            { WalStatus: "extended" } => PostgresSlotHealth.Extended,
            _ => PostgresSlotHealth.Kept,
        };
        return latest = new PostgresSlotStatus(slot, found?.RetainedBytes ?? 0, found?.UnconfirmedBytes ?? 0, found?.SafeBytes, health, time.GetUtcNow());
    }

    /// <summary>Asks again and again until it is cancelled. A server that does not answer leaves <see cref="Latest"/> as it was.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            try
            {
                await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (ServerFailure.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                // The stream meets the same failure and tells it; the age of the answer tells that this one is old.
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }
}
