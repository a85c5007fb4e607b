namespace Cdc.Debezium.Internal.Tables;

/// <summary>
/// Tells deletes whose key Debezium made up. Under REPLICA IDENTITY USING INDEX the old row has the columns of the index only; a NOT NULL
/// column of the key that is missing there is sent as its default or as the constant of its type (0, empty, 1970).
/// </summary>
/// <remarks>
/// With the default identity every column outside the key is null or such a constant, so a real value outside the key beside a constant in the key
/// gives an index away. A row of REPLICA IDENTITY FULL whose real key is such a constant looks the same and is refused too, unless the identity is told;
/// and an index whose values are all constants themselves looks like the default identity and is not seen.
/// </remarks>
internal static class MadeUpKeys
{
    public static bool IsMadeUp(TableShape shape, RowImage key, RowImage before, ReplicaIdentity identity)
    {
        if (identity is ReplicaIdentity.Default or ReplicaIdentity.Full || !HasConstant(key)) return false;
        return identity == ReplicaIdentity.Index || (before.IsPresent && HasValueOutside(shape, before));
    }

    private static bool HasConstant(RowImage key)
    {
        for (var i = 0; i < key.Columns.Length; i++)
        {
            if (key.GetState(i) == CellState.Value && IsConstant(key[i])) return true;
        }

        return false;
    }

    private static bool HasValueOutside(TableShape shape, RowImage before)
    {
        for (var i = 0; i < shape.Columns.Length; i++)
        {
            if (before.GetState(i) != CellState.Value || IsOfKey(shape, shape.Columns[i].Name)) continue;
            if (!IsConstant(before[i])) return true;
        }

        return false;
    }

    private static bool IsOfKey(TableShape shape, string name)
    {
        foreach (var column in shape.Key)
        {
            if (column.Name == name) return true;
        }

        return false;
    }

    private static bool IsConstant(in Cell cell)
    {
        var raw = cell.Raw;
        if (cell.Column.Default is { } sent && (sent.AsSpan().SequenceEqual(raw) || (sent.Length >= 2 && sent.AsSpan(1, sent.Length - 2).SequenceEqual(raw)))) return true;
        return cell.Token switch
        {
            WireToken.Number => raw.IndexOfAnyExcept((byte)'0', (byte)'.') < 0,
            WireToken.False => true,
            WireToken.Array => raw.Length == 2,
            WireToken.Object => raw.Length == 2 || raw.IndexOf("\"value\":\"AA==\""u8) >= 0 || (WireForm)cell.Type.Encoding is WireForm.PointStruct or WireForm.GeometryStruct,
            WireToken.PlainString => IsConstantText((WireForm)cell.Type.Encoding, cell.Type.Kind, raw),
            _ => false,
        };
    }

    private static bool IsConstantText(WireForm form, ValueKind kind, ReadOnlySpan<byte> raw) => raw.IsEmpty || form switch
    {
        WireForm.DecimalBase64 => raw.SequenceEqual("AA=="u8),
        WireForm.DecimalText => raw.IndexOfAnyExcept((byte)'0', (byte)'.') < 0,
        WireForm.IsoText => raw.StartsWith("1970-01-01"u8) || raw.StartsWith("00:00:00"u8),
        _ => (kind == ValueKind.Json && raw.SequenceEqual("{}"u8)) || (kind == ValueKind.IntervalText && raw.SequenceEqual("P0Y0M0DT0H0M0S"u8))
            || (kind == ValueKind.Uuid && raw.IndexOfAnyExcept((byte)'0', (byte)'-') < 0),
    };
}
