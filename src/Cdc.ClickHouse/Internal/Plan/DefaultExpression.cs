namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>A source column's default as an expression, for rows that were written before the column existed.</summary>
internal static class DefaultExpression
{
    /// <returns>The expression; null where there is no default or none that can be written exactly.</returns>
    public static string? Of(TableShape shape, int column, string type)
    {
        var cell = shape.DefaultCell(column);
        if (cell.State != CellState.Value) return null;
        return cell.Type.Kind switch
        {
            ValueKind.Boolean or ValueKind.Int8 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64
                or ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64
                or ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.Number
                or ValueKind.String or ValueKind.Json or ValueKind.Uuid or ValueKind.Enum or ValueKind.Date
                => $"CAST({Sql.Text(cell.GetString())}, {Sql.Text(type)})",
            ValueKind.Timestamp or ValueKind.ZonedTimestamp => $"CAST(parseDateTime64BestEffort({Sql.Text(cell.GetString())}, 6, 'UTC'), {Sql.Text(type)})",
            _ => null,
        };
    }
}
