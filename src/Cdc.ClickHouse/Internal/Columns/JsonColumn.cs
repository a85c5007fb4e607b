namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>JSON as text: the server parses it when it reads the block. It takes objects only.</summary>
internal sealed class JsonColumn(ClickHouseType type) : StringColumn(type)
{
    private const ulong TextSerialization = 1;

    public override void AppendValue(scoped in Cell cell)
    {
        if (!cell.TryGetUtf8(out var text)) text = cell.GetTextBytes();
        if (text.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..]) throw cell.Refuse(RefusalReason.Type, "the document is no object, and ClickHouse's JSON takes only objects; use String");
        AppendBytes(text);
    }

    public override void AppendDefault() => AppendBytes("{}"u8);

    // The server gives JSON in a form of its own here, which no block takes back.
    public override void AppendRowBinary(ref ReadOnlySpan<byte> from) => throw new NotSupportedException($"a stored value of the type {Type} cannot be written again");

    public override void CollectPrefix(SegmentList segments) => segments.AddUInt64(TextSerialization);
}
