namespace Cdc.Debezium.Internal.Values;

/// <summary>
/// The rare ways into a value: a whole JSON value (a column's default) whose token must be found, and a string with escapes where
/// no writer needs them (<c>\u002B</c> in base64). What comes out is a cell whose raw bytes are the value.
/// </summary>
internal static class Opening
{
    /// <summary>Bytes that hold every number, date, time or UUID, escapes undone.</summary>
    public const int Size = 256;

    public static bool IsNeeded(in Cell cell) => cell.Token is WireToken.WholeJson or WireToken.EscapedString;

    /// <summary>Opens a cell that needs it, or gives it back.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="scratch">Room for the string without its escapes.</param>
    public static Cell Open(in Cell cell, Span<byte> scratch)
    {
        var opened = cell.Token == WireToken.WholeJson ? FindToken(in cell) : cell;
        if (opened.Token != WireToken.EscapedString) return opened;
        if (opened.Raw.Length > scratch.Length) throw WireErrors.NotA(in cell, "of any length that such a value has");
        return opened.Part(opened.Type, CellState.Value, WireToken.PlainString, scratch[..JsonText.Unescape(in opened, scratch)]);
    }

    /// <summary>The cell with the token of its whole JSON value.</summary>
    public static Cell FindToken(scoped in Cell cell)
    {
        var raw = cell.Raw;
        var position = 0;
        JsonScan.SkipWhitespace(raw, ref position);
        if (!JsonScan.TryReadValue(raw, ref position, out var token, out var value) || token == WireToken.WholeJson)
        {
            throw cell.Malformed("The column's default is not a JSON value other than null.");
        }

        return cell.Part(cell.Type, CellState.Value, token, value);
    }
}
