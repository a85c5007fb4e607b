using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Asks the server what it keeps for the slot.</summary>
internal sealed class SlotWatch(NpgsqlDataSource data, string slot, TimeProvider time)
{
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
        return new PostgresSlotStatus(slot, found?.RetainedBytes ?? 0, found?.UnconfirmedBytes ?? 0, found?.SafeBytes, health, time.GetUtcNow());
    }
}
