using System.Text;
using Cdc.ClickHouse.Internal.Http;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>Waiting rows of one shape in the order of their versions, and from where each takes the values that it lacks.</summary>
internal sealed class RowChain
{
    private readonly List<WaitingRow> rows;
    private readonly int[] before;
    private readonly StoredRow?[] stored;
    private readonly StoredRow?[] ownStored;
    private readonly bool[] keyChanges;

    public RowChain(List<WaitingRow> rows)
    {
        this.rows = rows;
        before = new int[rows.Count];
        stored = new StoredRow?[rows.Count];
        ownStored = new StoredRow?[rows.Count];
        keyChanges = new bool[rows.Count];
        var latest = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
        {
            var change = rows[i].Change;
            var own = KeyText(change, former: false);
            var former = KeyText(change, former: true);
            keyChanges[i] = own != former;
            // The same event may wait here twice: then both lean on the same earlier row.
            before[i] = !latest.TryGetValue(former, out var earlier) ? -1 : rows[earlier].Change.Version < change.Version ? earlier : before[earlier];
            latest[own] = i;
        }
    }

    public int Count => rows.Count;

    public TableBinding Binding => rows[0].Binding;

    public WaitingRow this[int row] => rows[row];

    /// <summary>Asks for what is stored: of rows without an earlier one here at once with the values, of others only where a stored row lies between.</summary>
    public async Task LookUpAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        var lookUp = new StoredRowLookUp(Binding, Columns());
        for (var i = 0; i < rows.Count; i++)
        {
            // A row that changed its key left the former one: where that delete has a lower version (a feed ordered by offsets), the row stands below it.
            lookUp.Add(i, rows[i].Change, former: true, fetch: before[i] < 0, onlyAlive: keyChanges[i]);
            if (keyChanges[i]) lookUp.Add(i, rows[i].Change, former: false, fetch: false);
        }

        await lookUp.RunAsync(server, stored, ownStored, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < rows.Count; i++)
        {
            if (before[i] >= 0 && stored[i] is { } found && found.Lower >= rows[before[i]].Change.Version.Value) lookUp.Add(i, rows[i].Change, former: true, fetch: true, onlyAlive: keyChanges[i]);
        }

        await lookUp.RunAsync(server, stored, ownStored, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the target holds this version of the row, or a newer one.</summary>
    public bool IsSuperseded(int row) => (keyChanges[row] ? ownStored[row] : stored[row]) is { } found && found.Newest >= rows[row].Change.Version.Value;

    /// <returns>The first unchanged column whose value is nowhere, or null.</returns>
    public string? FirstMissing(int row)
    {
        foreach (var column in Binding.Layout.Lacking(rows[row].Change, onlyUnavailable: true))
        {
            if (Source(row, column) == row && Raw(row, column) is null) return Binding.Layout[column].Name;
        }

        return null;
    }

    /// <summary>The waiting row whose message carries a column's value; <paramref name="row"/> itself where the value is only stored, or nowhere.</summary>
    public int Source(int row, int column)
    {
        for (var at = row; ; at = before[at])
        {
            if (at != row && Binding.Layout.Carries(rows[at].Change, column)) return at;
            if (!FromChain(at)) return row;
        }
    }

    /// <summary>The stored value of a column in RowBinary, or null.</summary>
    public byte[]? Raw(int row, int column)
    {
        var at = row;
        while (FromChain(at)) at = before[at];
        return stored[at] is { Lower: not null, IsDeleted: false, Values: { } values } ? values[Columns().IndexOf(column)] : null;
    }

    private List<int>? columns;

    /// <summary>Every column that some row lacks.</summary>
    private List<int> Columns() => columns ??= [.. rows.SelectMany(r => Binding.Layout.Lacking(r.Change, onlyUnavailable: false)).Distinct().Order()];

    private bool FromChain(int row) => before[row] >= 0 && !(stored[row] is { } found && found.Lower >= rows[before[row]].Change.Version.Value);

    private string KeyText(ChangeEvent change, bool former)
    {
        var text = new StringBuilder();
        for (var i = 0; i < Binding.Layout.Key.Count; i++)
        {
            var cell = Binding.Layout.KeyCell(change, i, former);
            if (cell.State != CellState.Value) text.Append("-;");
            else
            {
                var value = cell.GetString();
                text.Append(value.Length).Append(':').Append(value).Append(';');
            }
        }

        return text.ToString();
    }
}

/// <summary>What the target holds of a row.</summary>
/// <param name="Lower">The greatest version below the waiting row's, null where there is none: 0 is the version of rows of a first snapshot.</param>
/// <param name="IsDeleted">Whether that version is a delete.</param>
/// <param name="Newest">The greatest version of all.</param>
/// <param name="Values">The values of that version in RowBinary, or null where they were not asked for.</param>
internal sealed record StoredRow(UInt128? Lower, bool IsDeleted, UInt128 Newest, byte[][]? Values);
