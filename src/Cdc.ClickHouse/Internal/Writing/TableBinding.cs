using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>One shape bound to its table: the plan, the insert's address, the block that fills, and blocks to fill next.</summary>
internal sealed class TableBinding : IDisposable
{
    private readonly ClickHouseOptions options;
    private readonly Stack<RowBlock> spare = [];
    private readonly Lock gate = new();

    public TableBinding(TablePlan plan, ClickHouseOptions options)
    {
        this.options = options;
        Plan = plan;
        Layout = new RowLayout(plan, options);
        Target = InsertTarget.Of(plan, Layout.Names, convert: false, options.RequestTimeout);
        Keep = options.AbsentColumns == AbsentColumnPolicy.Keep && plan.Columns.Any(c => c.Column < 0 && c.Key < 0);
    }

    public TablePlan Plan { get; }

    public RowLayout Layout { get; }

    public string Target { get; private set; }

    /// <summary>Whether the server was told to convert, after the table's columns became wider under us.</summary>
    public bool Converts { get; private set; }

    /// <summary>Whether the target has columns that the shape lacks and an update must not change.</summary>
    public bool Keep { get; }

    /// <summary>The block that fills, or null.</summary>
    public RowBlock? Open { get; set; }

    public RowBlock OpenOrRent()
    {
        if (Open is { } open) return open;
        lock (gate) Open = spare.TryPop(out var block) ? block : new RowBlock(Layout, options);
        return Open;
    }

    public void Return(RowBlock block)
    {
        block.Clear();
        lock (gate)
        {
            if (spare.Count < options.InFlightPerTable + 1)
            {
                spare.Push(block);
                return;
            }
        }

        block.Dispose();
    }

    /// <returns>Why the block can no longer enter the table, or null where it can.</returns>
    public string? Drift(ServerTable? table)
    {
        if (table is null) return $"{Plan.Database}.{Plan.Table} is gone. To have it made anew, start again and let the source send a snapshot";
        var key = Plan.Columns.Where(c => c.InSortingKey).Select(c => c.Name).ToList();
        if (TableCheck.Refusal(table, key, Plan.Shape.VersionLayout, options) is { } refusal) return refusal;
        var wider = false;
        foreach (var (name, type) in Layout.Columns)
        {
            if (table.Find(name) is not { } column) return $"the column {name} was dropped from {Plan.Database}.{Plan.Table}; add it again as {type}";
            if (ColumnTypes.Same(type, column.Type)) continue;
            if (!ColumnTypes.Widens(type, column.Type)) return $"the column {name} of {Plan.Database}.{Plan.Table} was changed from {type} to {column.Type}";
            wider = true;
        }

        if (wider && !Converts)
        {
            Converts = true;
            Target = InsertTarget.Of(Plan, Layout.Names, convert: true, options.RequestTimeout);
        }

        return null;
    }

    public void Dispose()
    {
        Open?.Dispose();
        lock (gate)
        {
            while (spare.TryPop(out var block)) block.Dispose();
        }
    }
}
