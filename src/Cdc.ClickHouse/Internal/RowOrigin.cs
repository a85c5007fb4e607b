namespace Cdc.ClickHouse.Internal;

/// <summary>Where a row came from: a partition by its number among those the writer has seen, and the message's offset.</summary>
internal readonly record struct RowOrigin(int Stream, long Offset);
