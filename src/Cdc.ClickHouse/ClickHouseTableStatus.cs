namespace Cdc.ClickHouse;

/// <summary>How one table fares, for health checks.</summary>
/// <param name="Table">The table of the source.</param>
/// <param name="IsRetrying">Whether an insert of it failed and is being tried again.</param>
/// <param name="Since">Since when; null where it is not retrying.</param>
/// <param name="LastError">What the server answered last instead of success, without a value; null while all is well.</param>
/// <param name="Stopped">Why it takes no more changes, or null.</param>
public sealed record ClickHouseTableStatus(TableId Table, bool IsRetrying, DateTimeOffset? Since, string? LastError, string? Stopped);
