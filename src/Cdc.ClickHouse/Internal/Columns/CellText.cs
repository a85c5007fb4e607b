namespace Cdc.ClickHouse.Internal.Columns;

/// <summary>Texts that are needed whole before they can be stored.</summary>
internal static class CellText
{
    /// <summary>The text in an array of its own: for the few whose message has escapes in it.</summary>
    public static ReadOnlySpan<byte> GetTextBytes(this scoped in Cell cell)
    {
        var bytes = new byte[cell.MaxUtf8Length];
        return bytes.AsSpan(0, cell.CopyUtf8(bytes));
    }
}
