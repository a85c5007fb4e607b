using System.Text.Unicode;
using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>The header that says which key a row had before its key changed, as SimpleHeaderConverter or JsonConverter writes it.</summary>
internal sealed class KeyChange(int maxDepth)
{
    /// <summary>The header on the insert of the new key.</summary>
    public const string OldKeyHeader = "__debezium.oldkey";

    /// <summary>The header on the delete of the old key.</summary>
    public const string NewKeyHeader = "__debezium.newkey";

    private KeyField[] fields = new KeyField[8];

    /// <summary>Fills the old key of an event, where the header can be read.</summary>
    /// <returns>Whether the message says that the row's key changed.</returns>
    public bool TryFill(in SourceMessage message, ChangeEvent change, TableShape shape)
    {
        if (message.Headers is not { } headers) return false;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name != OldKeyHeader) continue;
            if (headers[i].Value is { } value && !shape.Key.IsEmpty) Fill(value, change, shape);
            return true;
        }

        return false;
    }

    private void Fill(ReadOnlyMemory<byte> value, ChangeEvent change, TableShape shape)
    {
        try
        {
            if (!Utf8.IsValid(value.Span)) return;
            var cursor = new Wrapping().Open(value, maxDepth, out var schema, out var tail);
            if (cursor.Peek() != '{') return;
            var form = new KeyForm(schema, KeyForm.NamesOf(cursor));
            if (fields.Length < form.Names.Length) fields = new KeyField[form.Names.Length];
            if (!form.TryRead(ref cursor, fields)) return;
            Wrapping.Close(ref cursor, tail);
            var columns = new int[form.Names.Length];
            var found = 0;
            for (var i = 0; i < columns.Length; i++)
            {
                columns[i] = IndexOf(shape, form.Names[i]);
                if (columns[i] >= 0) found++;
            }

            if (found == shape.Key.Length) KeyImages.FromMessage(change.OldKey, shape, columns, fields, value, $"header {OldKeyHeader} $");
        }
        catch (MessageProblem)
        {
            // A header is a hint: one that another converter wrote is passed over, as Debezium's own readers do.
        }
    }

    private static int IndexOf(TableShape shape, string name)
    {
        for (var i = 0; i < shape.Key.Length; i++)
        {
            if (shape.Key[i].Name == name) return i;
        }

        return -1;
    }
}
