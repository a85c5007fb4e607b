using System.Globalization;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>
/// The newest truncate of a table: a row with an older version is left out whenever it arrives. It stands in the table's comment,
/// so that it lives and is backed up with the rows, and every writer finds it.
/// </summary>
internal sealed class TableFence(TableId source, WriterContext context)
{
    private RowVersion version;

    public bool Passes(ChangeEvent change) => change.Version >= version;

    /// <summary>Sets the fence at a truncate and removes what is older. Where there is no table yet, one made later gets it.</summary>
    public async Task RaiseAsync(RowVersion truncate, CancellationToken cancellationToken)
    {
        if (truncate > version) version = truncate;
        if (await ReadAsync(cancellationToken).ConfigureAwait(false) is not { } table) return;

        // Two writers may raise it at once, and the lower must not be what remains.
        while (SourceNote.ReadFence(table.Comment) < version)
        {
            await RunAsync($"ALTER TABLE {Sql.Name(table.Database, table.Name)} MODIFY COMMENT {Sql.Text(SourceNote.WithFence(table.Comment, version))}", cancellationToken).ConfigureAwait(false);
            if (await ReadAsync(cancellationToken).ConfigureAwait(false) is not { } altered) return;
            table = altered;
        }

        await SweepAsync(table, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the fence of a table that was just found or made, or gives it the one that is known.</summary>
    public async Task BindAsync(RowVersion found, CancellationToken cancellationToken)
    {
        if (found >= version) version = found;
        else await RaiseAsync(version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Learns of a truncate that another writer applied, and removes what this one stored before it knew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken).ConfigureAwait(false) is not { } table || SourceNote.ReadFence(table.Comment) is var found && found <= version) return;
        version = found;
        await SweepAsync(table, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ServerTable?> ReadAsync(CancellationToken cancellationToken)
    {
        var (database, name) = TablePlanner.Target(source, context.Options);
        return await ServerTable.ReadAsync(context.Server, database, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a delete at the fence for every row that is older: like every other row it may be written again.</summary>
    private Task SweepAsync(ServerTable table, CancellationToken cancellationToken)
    {
        var options = context.Options;
        var hasOperation = table.Find(options.OperationColumn) is not null;
        var key = Sql.Names(table.SortingColumns());
        var names = $"{key}, {Sql.Name(options.VersionColumn)}, {Sql.Name(options.DeletedColumn)}{(hasOperation ? $", {Sql.Name(options.OperationColumn)}" : "")}";
        var fence = $"toUInt128('{version.Value.ToString(CultureInfo.InvariantCulture)}')";
        var target = Sql.Name(table.Database, table.Name);
        return RunAsync($"INSERT INTO {target} ({names}) SELECT {key}, {fence}, 1{(hasOperation ? ", 't'" : "")} FROM {target} FINAL WHERE {Sql.Name(options.VersionColumn)} < {fence}", cancellationToken);
    }

    private async Task RunAsync(string statement, CancellationToken cancellationToken) =>
        await context.Server.QueryAsync(statement, null, "&alter_sync=2&async_insert=0", cancellationToken).ConfigureAwait(false);
}
