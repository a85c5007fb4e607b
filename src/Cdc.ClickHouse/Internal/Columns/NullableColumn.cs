namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Nullable(T): a map of ones and zeros before T's own data.</summary>
internal sealed class NullableColumn(ClickHouseType type, ColumnEncoder inner, ColumnRules rules) : ColumnEncoder(type)
{
    private readonly ByteBuffer nulls = new();

    public override long Bytes => nulls.Length + inner.Bytes;

    public override void AppendValue(scoped in Cell cell)
    {
        if (rules.OutOfRange == OutOfRangePolicy.Null)
        {
            AppendOrNull(in cell);
            return;
        }

        inner.AppendValue(in cell);
        nulls.Add(0);
    }

    public override void AppendNull(scoped in Cell cell) => AppendDefault();

    public override void AppendDefault()
    {
        nulls.Add(1);
        inner.AppendDefault();
    }

    public override void AppendRowBinary(ref ReadOnlySpan<byte> from)
    {
        if (RowBinary.ReadByte(ref from) != 0)
        {
            AppendDefault();
            return;
        }

        inner.AppendRowBinary(ref from);
        nulls.Add(0);
    }

    public override void Truncate(int rows)
    {
        nulls.Truncate(rows);
        inner.Truncate(rows);
    }

    public override void CollectPrefix(SegmentList segments) => inner.CollectPrefix(segments);

    public override void Collect(int first, int count, SegmentList segments)
    {
        segments.Add(nulls.Slice(first, count));
        inner.Collect(first, count, segments);
    }

    public override void Dispose()
    {
        nulls.Dispose();
        inner.Dispose();
    }

    private void AppendOrNull(scoped in Cell cell)
    {
        try
        {
            if (inner.TryAppendValue(in cell)) nulls.Add(0);
            else AppendDefault();
        }
        catch (ValueRefusedException refused) when (refused.Reason is RefusalReason.OutOfRange or RefusalReason.Infinity or RefusalReason.NotANumber)
        {
            inner.Truncate(nulls.Length);
            AppendDefault();
        }
    }
}
