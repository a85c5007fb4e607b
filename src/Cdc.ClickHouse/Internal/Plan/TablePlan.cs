using System.Collections.Immutable;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>Where the values of a target's column come from.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its type in the target.</param>
/// <param name="Column">The position in <see cref="TableShape.Columns"/>, or −1 for a column that the shape lacks.</param>
/// <param name="Key">The position in <see cref="TableShape.Key"/>, or −1.</param>
/// <param name="InSortingKey">Whether the target sorts by it.</param>
internal sealed record MappedColumn(string Name, string Type, int Column, int Key, bool InSortingKey);

/// <summary>What to do before the rows of one shape can be written, and where their values go.</summary>
internal sealed class TablePlan
{
    public required TableShape Shape { get; init; }

    public required string Database { get; init; }

    public required string Table { get; init; }

    public required IReadOnlyList<string> Statements { get; init; }

    public required ImmutableArray<MappedColumn> Columns { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public bool HasOperation { get; init; } = true;

    public bool HasSourceTimestamp { get; init; } = true;

    /// <summary>Whether the key comes from the options because the source's table has none.</summary>
    public bool KeyIsOfRow { get; init; }

    public string? Refusal { get; init; }

    /// <summary>The version of the newest truncate that was applied to the table; 0 where there was none.</summary>
    public RowVersion Fence { get; init; }

    public ClickHouseTablePlan ToPublic() => new(
        Shape.Table, Database, Table, Statements, [.. Columns.Where(c => c.Column >= 0 || c.Key >= 0).Select(c => new ClickHousePlannedColumn(c.Name, c.Type, c.InSortingKey))], Notes, Refusal);
}
