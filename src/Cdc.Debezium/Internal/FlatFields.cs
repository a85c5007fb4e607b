using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>Takes the fields that a flattening added to a row.</summary>
internal static class FlatFields
{
    /// <summary>Takes only what names the table and its order, from a row whose table is not known yet.</summary>
    public static void Scan(JsonCursor cursor, string prefix, Envelope added)
    {
        if (!cursor.BeginObject()) return;
        var isDeleted = false;
        do
        {
            var field = FlatField.Of(JsonNames.Unescape(cursor.TakeName()), prefix);
            var token = cursor.TakeValue(out var start, out var length);
            if (field is FlatField.Sequence or FlatField.Database or FlatField.Schema or FlatField.Table) Take(in cursor, field, token, start, length, added, ref isDeleted);
        }
        while (cursor.NextMember());
    }

    public static void Take(in JsonCursor cursor, int field, byte token, int start, int length, Envelope added, ref bool isDeleted)
    {
        if (token == 0) return;
        switch (field)
        {
            case FlatField.Deleted:
                isDeleted = token == WireToken.True || cursor.Json.Slice(start, length).SequenceEqual("true"u8);
                break;
            case FlatField.Operation:
                added.Operation = Envelope.Letter(cursor.Json, token, start, length);
                break;
            case FlatField.Sequence:
                added.Sequence = Envelope.Text(in cursor, token, start, length);
                break;
            case FlatField.Microseconds:
                added.Time = Envelope.Number(in cursor, token, start, length);
                break;
            case FlatField.Milliseconds:
                if (added.Time == 0) added.Time = Envelope.Microseconds(in cursor, Envelope.Number(in cursor, token, start, length));
                break;
            case FlatField.Database:
                added.Database = Envelope.Text(in cursor, token, start, length);
                break;
            case FlatField.Schema:
                added.Schema = Envelope.Text(in cursor, token, start, length);
                break;
            case FlatField.Table:
                added.Table = Envelope.Text(in cursor, token, start, length);
                break;
            case FlatField.Transaction:
                added.Transaction = Envelope.TransactionOf(cursor.Json, token, start, length);
                break;
        }
    }
}
