namespace Cdc.Debezium.Internal.Values;

/// <summary>Opens a cell that is a whole JSON value: finds its token and takes the quotes off a string.</summary>
internal static class WholeJson
{
    public static Cell Open(scoped in Cell cell)
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
