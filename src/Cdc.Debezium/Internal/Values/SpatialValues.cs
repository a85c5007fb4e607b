namespace Cdc.Debezium.Internal.Values;

/// <summary>Points and geometries: <c>{"x":…,"y":…,"wkb":…,"srid":…}</c>.</summary>
internal static class SpatialValues
{
    /// <summary>At least what <see cref="CopyPoint"/> writes.</summary>
    public const int MaxPointLength = 80;

    public static (double X, double Y) GetPoint(in Cell cell) => (ReadCoordinate(in cell, "x"u8), ReadCoordinate(in cell, "y"u8));

    /// <summary>The cell of the member that holds the bytes.</summary>
    public static Cell GetWkb(scoped in Cell cell) => TryGetMember(in cell, "wkb"u8, out var wkb) && wkb.State == CellState.Value ? wkb : throw WireErrors.NotA(in cell, "an object with a geometry's bytes");

    /// <summary>Writes <c>{"x":1.5,"y":-2.5}</c>.</summary>
    public static int CopyPoint(in Cell cell, Span<byte> destination)
    {
        var (x, y) = GetPoint(in cell);
        var length = Append(destination, 0, "{\"x\":"u8);
        length = AppendCoordinate(destination, length, x);
        length = Append(destination, length, ",\"y\":"u8);
        length = AppendCoordinate(destination, length, y);
        return Append(destination, length, "}"u8);
    }

    private static double ReadCoordinate(in Cell cell, ReadOnlySpan<byte> name)
    {
        if (!TryGetMember(in cell, name, out var coordinate) || coordinate.Token is not (WireToken.Number or WireToken.PlainString)) throw WireErrors.NotA(in cell, "an object with the coordinates of a point");
        return FloatValues.GetDouble(in coordinate);
    }

    private static bool TryGetMember(scoped in Cell cell, scoped ReadOnlySpan<byte> name, out Cell member)
    {
        if (cell.Token != WireToken.Object) throw WireErrors.Contradicts(in cell);
        var members = new MemberReader(cell.Raw);
        while (members.TryRead(out var found, out var token, out var value))
        {
            if (!found.SequenceEqual(name)) continue;
            member = cell.Part(cell.Type, token == WireToken.WholeJson ? CellState.Null : CellState.Value, token, value);
            return true;
        }

        member = default;
        return false;
    }

    private static int AppendCoordinate(Span<byte> destination, int length, double value)
    {
        if (double.IsFinite(value))
        {
            value.TryFormat(destination[length..], out var written, default, System.Globalization.CultureInfo.InvariantCulture);
            return length + written;
        }

        return Append(destination, length, double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
    }

    private static int Append(Span<byte> destination, int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination[length..]);
        return length + text.Length;
    }
}
