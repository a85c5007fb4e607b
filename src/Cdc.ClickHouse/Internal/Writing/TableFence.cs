using System.Globalization;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>
/// The newest truncate of a table: a row with an older version is left out whenever it arrives. It stands in the table's comment,
/// so that it lives and is backed up with the rows, and every writer finds it.
/// </summary>
internal sealed class TableFence(WriterContext context)
{
    private RowVersion version;

    public bool Passes(ChangeEvent change) => change.Version >= version;

    public void Learn(RowVersion found)
    {
        if (found > version) version = found;
    }

    /// <summary>Sets the fence at a truncate and removes what is older.</summary>
    public async Task RaiseAsync(TablePlan plan, ChangeEvent truncate, CancellationToken cancellationToken)
    {
        // Two writers may raise it at once, and the lower must not be what remains.
        while (await ReadAsync(plan, cancellationToken).ConfigureAwait(false) is var (comment, found) && found < truncate.Version)
        {
            await RunAsync($"ALTER TABLE {Sql.Name(plan.Database, plan.Table)} MODIFY COMMENT {Sql.Text(SourceNote.WithFence(comment, truncate.Version))}", cancellationToken).ConfigureAwait(false);
        }

        Learn(truncate.Version);
        await SweepAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Learns of a truncate that another writer applied, and removes what this one stored before it knew.</summary>
    public async Task RefreshAsync(TablePlan plan, CancellationToken cancellationToken)
    {
        var (_, found) = await ReadAsync(plan, cancellationToken).ConfigureAwait(false);
        if (found <= version) return;
        Learn(found);
        await SweepAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(string Comment, RowVersion Fence)> ReadAsync(TablePlan plan, CancellationToken cancellationToken)
    {
        var table = await ServerTable.ReadAsync(context.Server, plan.Database, plan.Table, cancellationToken).ConfigureAwait(false)
            ?? throw new TableStoppedException(plan.Shape.Table, $"{plan.Database}.{plan.Table} is gone. To have it made anew, start again and let the source send a snapshot");
        return (table.Comment, SourceNote.ReadFence(table.Comment));
    }

    /// <summary>Writes a delete at the fence for every row that is older: like every other row it may be written again.</summary>
    private Task SweepAsync(TablePlan plan, CancellationToken cancellationToken)
    {
        var options = context.Options;
        var key = Sql.Names(plan.Columns.Where(c => c.InSortingKey).Select(c => c.Name));
        var names = $"{key}, {Sql.Name(options.VersionColumn)}, {Sql.Name(options.DeletedColumn)}{(plan.HasOperation ? $", {Sql.Name(options.OperationColumn)}" : "")}";
        var fence = $"toUInt128('{version.Value.ToString(CultureInfo.InvariantCulture)}')";
        var table = Sql.Name(plan.Database, plan.Table);
        return RunAsync($"INSERT INTO {table} ({names}) SELECT {key}, {fence}, 1{(plan.HasOperation ? ", 't'" : "")} FROM {table} FINAL WHERE {Sql.Name(options.VersionColumn)} < {fence}", cancellationToken);
    }

    private async Task RunAsync(string statement, CancellationToken cancellationToken) =>
        await context.Server.QueryAsync(statement, null, "&alter_sync=2&async_insert=0", cancellationToken).ConfigureAwait(false);
}
