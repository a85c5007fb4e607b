using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>Fills the key images of an event.</summary>
internal static class KeyImages
{
    /// <summary>From a key that was read.</summary>
    public static void FromMessage(RowImage image, TableShape shape, ReadOnlySpan<int> columns, ReadOnlySpan<KeyField> fields, ReadOnlyMemory<byte> bytes, string path)
    {
        image.Begin(shape, ofKey: true, bytes, path);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] < 0) continue;
            ref readonly var field = ref fields[i];
            image.Set(columns[i], field.Token == 0 ? CellState.Null : CellState.Value, field.Token, field.Start, field.Length);
        }
    }

    /// <summary>From the columns of a row: for messages without a key whose table has one in the catalog.</summary>
    public static void FromRow(RowImage image, TableShape shape, RowImage row)
    {
        image.Begin(shape, ofKey: true, row.Bytes, row.Path);
        for (var i = 0; i < shape.Key.Length; i++)
        {
            var column = shape.IndexOf(shape.Key[i].Name);
            if (column < 0) continue;
            var cell = row[column];
            var start = cell.Raw.IsEmpty ? 0 : (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(row.Bytes.Span), ref MemoryMarshal.GetReference(cell.Raw));
            image.Set(i, cell.State, cell.Token, start, cell.Raw.Length);
        }
    }
}
