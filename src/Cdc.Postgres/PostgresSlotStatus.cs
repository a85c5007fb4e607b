using System.Text.Json.Serialization;

namespace Cdc.Postgres;

/// <summary>What the server keeps for the slot: the price of a pipeline that is behind.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="RetainedBytes">Bytes of log that the server keeps for it: how far the oldest log it needs lies behind the newest.</param>
/// <param name="UnconfirmedBytes">Bytes of log behind the position that the pipeline confirmed: what it still has to read, other databases' log included.</param>
/// <param name="SafeBytes">Bytes that may still be written before the server may give the slot up; null where nothing limits it.</param>
/// <param name="Health">Whether the server still keeps what the slot needs.</param>
/// <param name="At">When the server was asked.</param>
public sealed record PostgresSlotStatus(string Slot, long RetainedBytes, long UnconfirmedBytes, long? SafeBytes, PostgresSlotHealth Health, DateTimeOffset At);

/// <summary>Whether a server keeps the log that a slot needs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PostgresSlotHealth>))]
public enum PostgresSlotHealth
{
    /// <summary>It does.</summary>
    Kept,

    /// <summary>It does, beyond <c>max_wal_size</c>: the pipeline is behind.</summary>
    Extended,

    /// <summary>It may remove some at the next checkpoint: <c>max_slot_wal_keep_size</c> is used up.</summary>
    InDanger,

    /// <summary>It removed some: changes are lost, and every table must be read anew.</summary>
    Lost,

    /// <summary>There is no such slot.</summary>
    Missing,
}
