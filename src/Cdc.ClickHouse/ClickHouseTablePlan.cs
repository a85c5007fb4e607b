namespace Cdc.ClickHouse;

/// <summary>What a writer will do to the target before it writes the rows of one table, and where each column goes.</summary>
/// <param name="Source">The table of the source.</param>
/// <param name="Database">The target's database.</param>
/// <param name="Table">The target's table.</param>
/// <param name="Statements">The statements to run, in order; none where the table is as it must be.</param>
/// <param name="Columns">The columns that receive values.</param>
/// <param name="Notes">What is worth knowing: values that are stored in another form, columns that are left out.</param>
/// <param name="Refusal">Why the table cannot be written, and the way out; null where it can.</param>
public sealed record ClickHouseTablePlan(
    TableId Source,
    string Database,
    string Table,
    IReadOnlyList<string> Statements,
    IReadOnlyList<ClickHousePlannedColumn> Columns,
    IReadOnlyList<string> Notes,
    string? Refusal);

/// <summary>A column of a <see cref="ClickHouseTablePlan"/>.</summary>
/// <param name="Name">Its name, in the source and in the target.</param>
/// <param name="Type">Its type in the target.</param>
/// <param name="IsKey">Whether it belongs to the sorting key.</param>
public sealed record ClickHousePlannedColumn(string Name, string Type, bool IsKey);
