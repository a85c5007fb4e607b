using Cdc.ClickHouse.Internal.Columns;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>The columns of a binding's blocks, and how a change becomes a row of them.</summary>
internal sealed class RowLayout
{
    private readonly TablePlan plan;
    private readonly ClickHouseTableOptions own;
    private readonly bool keep;
    private readonly MappedColumn[] mapped;
    private readonly MappedColumn[] key;
    private readonly int version;

    public RowLayout(TablePlan plan, ClickHouseOptions options)
    {
        this.plan = plan;
        own = options.For(plan.Shape.Table);
        keep = options.AbsentColumns == AbsentColumnPolicy.Keep;
        mapped = [.. plan.Columns.Where(c => keep || c.Column >= 0 || c.Key >= 0)];
        key = [.. mapped.Where(c => c.InSortingKey)];
        version = mapped.Length;
        VersionName = options.VersionColumn;
        DeletedName = options.DeletedColumn;
        var columns = mapped.Select(c => (c.Name, c.Type)).Append((options.VersionColumn, "UInt128")).Append((options.DeletedColumn, "UInt8"));
        if (plan.HasOperation) columns = columns.Append((options.OperationColumn, "LowCardinality(String)"));
        if (plan.HasSourceTimestamp) columns = columns.Append((options.SourceTimestampColumn, "DateTime64(6, 'UTC')"));
        Columns = [.. columns];
    }

    public IReadOnlyList<(string Name, string Type)> Columns { get; }

    public IEnumerable<string> Names => Columns.Select(static c => c.Name);

    public string VersionName { get; }

    public string DeletedName { get; }

    /// <summary>The columns of the sorting key.</summary>
    public IReadOnlyList<MappedColumn> Key => key;

    public MappedColumn this[int column] => mapped[column];

    public ColumnEncoder[] CreateEncoders()
    {
        var encoders = mapped.Select(CreateEncoder).Append(new VersionColumn()).Append(new DeletedColumn());
        if (plan.HasOperation) encoders = encoders.Append(new LowCardinalityColumn(ClickHouseType.Parse("LowCardinality(String)"), nullable: false));
        if (plan.HasSourceTimestamp) encoders = encoders.Append(new SourceTimestampColumn());
        return [.. encoders];
    }

    public ColumnEncoder CreateEncoder(MappedColumn column)
    {
        var options = own.Columns.TryGetValue(column.Name, out var found) ? found : new ClickHouseColumnOptions();
        // Two keys must never become one.
        var rules = column.InSortingKey ? new ColumnRules(OutOfRangePolicy.Refuse, NullArrayPolicy.Refuse) : new ColumnRules(options.OutOfRange, options.NullArray);
        return ColumnFactory.Create(ClickHouseType.Parse(column.Type), rules);
    }

    /// <summary>Encodes a change.</summary>
    /// <returns>False where the target must first be asked for a value; nothing of the row is kept then.</returns>
    public bool TryAppend(RowBlock block, ChangeEvent change, RowOrigin origin) => TryAppend(block, change, origin, null, 0);

    /// <summary>Encodes a row that waited.</summary>
    public void AppendResolved(RowBlock block, RowChain chain, int row) => TryAppend(block, chain[row].Change, chain[row].Origin, chain, row);

    /// <summary>The columns whose value the message does not carry and the target may hold.</summary>
    public IEnumerable<int> Lacking(ChangeEvent change, bool onlyUnavailable)
    {
        for (var i = 0; i < mapped.Length; i++)
        {
            var state = State(change, mapped[i]);
            if (state == CellState.Unavailable || (state == CellState.Absent && !onlyUnavailable && MayBeStored(change, mapped[i]))) yield return i;
        }
    }

    public bool Carries(ChangeEvent change, int column) => State(change, mapped[column]) is CellState.Value or CellState.Null;

    /// <summary>A cell of the key: as it is, or as it was before the change.</summary>
    public Cell KeyCell(ChangeEvent change, int position, bool former)
    {
        var column = key[position];
        if (column.Key < 0) return former && change.Before.IsPresent ? change.Before[column.Column] : change.After[column.Column];
        return former && change.OldKey.IsPresent ? change.OldKey[column.Key]
            : change.Key.IsPresent ? change.Key[column.Key]
            : change.After[column.Column];
    }

    private bool TryAppend(RowBlock block, ChangeEvent change, RowOrigin origin, RowChain? chain, int row)
    {
        var start = block.Rows;
        try
        {
            if (change.Operation == ChangeOperation.Delete)
            {
                AppendDelete(block, change, origin);
                return true;
            }

            // Without a key at the source an update may change what the target sorts by: the row leaves its old place.
            if (plan.KeyIsOfRow && change.Before.IsPresent && !IsSameKey(change)) AppendDelete(block, change, origin);
            for (var i = 0; i < mapped.Length; i++)
            {
                if (AppendCell(block.Encoders[i], change, mapped[i])) continue;
                if (chain is null)
                {
                    block.Truncate(start);
                    return false;
                }

                AppendFrom(chain, row, i, block.Encoders[i]);
            }

            End(block, change, deleted: false, origin);
            return true;
        }
        catch (CdcException)
        {
            block.Truncate(start);
            throw;
        }
    }

    /// <returns>False where the target may hold the value.</returns>
    private bool AppendCell(ColumnEncoder encoder, ChangeEvent change, MappedColumn column)
    {
        var state = column.Column >= 0 ? change.After.GetState(column.Column) : CellState.Absent;
        if (state is CellState.Value or CellState.Null)
        {
            encoder.Append(change.After[column.Column]);
            return true;
        }

        switch (State(change, column))
        {
            case CellState.Value when state == CellState.Unavailable:
                encoder.Append(change.Before[column.Column]);
                return true;
            case CellState.Value or CellState.Null:
                encoder.Append(change.Key[column.Key]);
                return true;
            case CellState.Unavailable:
                return false;
            default:
                if (MayBeStored(change, column)) return false;
                encoder.AppendDefault();
                return true;
        }
    }

    /// <summary>What a message says of a column, from whichever of its images says it.</summary>
    private static CellState State(ChangeEvent change, MappedColumn column)
    {
        var state = column.Column >= 0 ? change.After.GetState(column.Column) : CellState.Absent;
        return state switch
        {
            // Outside REPLICA IDENTITY FULL the image before is NULL where it is unknown; an unchanged value that was left out is never NULL.
            CellState.Unavailable when change.Before.IsPresent && change.Before.GetState(column.Column) == CellState.Value => CellState.Value,
            CellState.Absent when column.Key >= 0 && change.Key.IsPresent => change.Key.GetState(column.Key),
            _ => state,
        };
    }

    /// <summary>Whether the row may be in the target already, so that what the message lacks must stay.</summary>
    private bool MayBeStored(ChangeEvent change, MappedColumn column) =>
        keep && !column.InSortingKey && (change.Operation == ChangeOperation.Update || change.OldKey.IsPresent);

    private void AppendFrom(RowChain chain, int row, int column, ColumnEncoder encoder)
    {
        var source = chain.Source(row, column);
        if (source != row)
        {
            AppendCell(encoder, chain[source].Change, mapped[column]);
        }
        else if (chain.Raw(row, column) is { } stored)
        {
            ReadOnlySpan<byte> bytes = stored;
            encoder.AppendRowBinary(ref bytes);
        }
        else
        {
            encoder.AppendDefault();
        }
    }

    private void AppendDelete(RowBlock block, ChangeEvent change, RowOrigin origin)
    {
        for (var i = 0; i < mapped.Length; i++)
        {
            var column = mapped[i];
            if (!column.InSortingKey) block.Encoders[i].AppendDefault();
            else if (column.Key >= 0 && change.Key.IsPresent) block.Encoders[i].Append(change.Key[column.Key]);
            else if (column.Column >= 0 && change.Before.IsPresent) block.Encoders[i].Append(change.Before[column.Column]);
            else throw new ValueRefusedException(plan.Shape.Table, column.Name, RefusalReason.Key, "the delete does not carry the key of its row (set REPLICA IDENTITY FULL on the source's table)") { Topic = change.Topic, Partition = change.Partition, Offset = change.Offset };
        }

        End(block, change, deleted: true, origin);
    }

    private void End(RowBlock block, ChangeEvent change, bool deleted, RowOrigin origin)
    {
        var at = version;
        ((VersionColumn)block.Encoders[at++]).Append(change.Version);
        ((DeletedColumn)block.Encoders[at++]).Append(deleted);
        if (plan.HasOperation)
        {
            ((LowCardinalityColumn)block.Encoders[at++]).AppendText(change.Operation switch
            {
                ChangeOperation.Insert => "c"u8,
                ChangeOperation.Update => "u"u8,
                ChangeOperation.Delete => "d"u8,
                _ => "r"u8,
            });
        }

        if (plan.HasSourceTimestamp) ((SourceTimestampColumn)block.Encoders[at]).Append(change.SourceTimestamp);
        block.EndRow(origin);
    }

    private bool IsSameKey(ChangeEvent change)
    {
        foreach (var column in key)
        {
            var before = change.Before[column.Column];
            var after = change.After[column.Column];
            if (before.State != after.State || before.Token != after.Token || !before.Raw.SequenceEqual(after.Raw)) return false;
        }

        return true;
    }
}
