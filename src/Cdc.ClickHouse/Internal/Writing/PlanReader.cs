using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Reads what the server has and plans against it.</summary>
internal static class PlanReader
{
    public static async Task<TablePlan> ReadAsync(TableShape shape, WriterContext context, CancellationToken cancellationToken)
    {
        var version = await context.VersionAsync(cancellationToken).ConfigureAwait(false);
        var (database, name) = TablePlanner.Target(shape.Table, context.Options);
        var table = await ServerTable.ReadAsync(context.Server, database, name, cancellationToken).ConfigureAwait(false);
        var view = table is null ? null : await ServerTable.ReadAsync(context.Server, database, $"{name}_current", cancellationToken).ConfigureAwait(false);
        return TablePlanner.Plan(shape, table, view?.Engine == "View", version, context.Options);
    }
}
