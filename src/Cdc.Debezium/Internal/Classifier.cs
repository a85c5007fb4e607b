using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>Tells what a value without schema is, by its members.</summary>
internal static class Classifier
{
    /// <summary>Looks at the members of a value.</summary>
    /// <param name="cursor">Before the value's brace.</param>
    /// <param name="isHeartbeat">Whether the topic or the key is a heartbeat's.</param>
    /// <param name="flattened">What the options say of flattening.</param>
    public static PayloadForm Classify(JsonCursor cursor, bool isHeartbeat, bool? flattened)
    {
        var seen = Seen.None;
        byte operation = 0;
        var count = 0;
        if (cursor.BeginObject())
        {
            do
            {
                var name = cursor.TakeName();
                var member = Of(name);
                var token = cursor.TakeValue(out var start, out var length);
                count++;
                if (member == Seen.Source && token != WireToken.Object) continue;
                if (member == Seen.Operation)
                {
                    if (token != WireToken.PlainString) continue;
                    operation = Envelope.Letter(cursor.Json, token, start, length);
                }

                seen |= member;
            }
            while (cursor.NextMember());
        }

        if (Has(seen, Seen.Operation | Seen.Source) && (flattened != true || operation == 'm')) return PayloadForm.Envelope;
        if (Has(seen, Seen.Source | Seen.Database) && !Has(seen, Seen.Operation) && ((seen & (Seen.Ddl | Seen.TableChanges)) != 0)) return PayloadForm.SchemaChange;
        if (Has(seen, Seen.Status | Seen.Id | Seen.EventCount | Seen.Collections)) return PayloadForm.Transaction;
        if (Has(seen, Seen.Id | Seen.Aggregate | Seen.Additional)) return PayloadForm.Notification;
        if (isHeartbeat && count == 1 && Has(seen, Seen.Milliseconds)) return PayloadForm.Heartbeat;
        if (flattened == false) throw new MessageProblem("the value is no change event, and no other record of the connector either: it has no op and no source", path: "$");
        return PayloadForm.Row;
    }

    private static bool Has(Seen seen, Seen wanted) => (seen & wanted) == wanted;

    private static Seen Of(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("op"u8)) return Seen.Operation;
        if (name.SequenceEqual("source"u8)) return Seen.Source;
        if (name.SequenceEqual("ddl"u8)) return Seen.Ddl;
        if (name.SequenceEqual("tableChanges"u8)) return Seen.TableChanges;
        if (name.SequenceEqual("databaseName"u8)) return Seen.Database;
        if (name.SequenceEqual("status"u8)) return Seen.Status;
        if (name.SequenceEqual("id"u8)) return Seen.Id;
        if (name.SequenceEqual("event_count"u8)) return Seen.EventCount;
        if (name.SequenceEqual("data_collections"u8)) return Seen.Collections;
        if (name.SequenceEqual("aggregate_type"u8)) return Seen.Aggregate;
        if (name.SequenceEqual("additional_data"u8)) return Seen.Additional;
        return name.SequenceEqual("ts_ms"u8) ? Seen.Milliseconds : Seen.None;
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        Operation = 1,
        Source = 2,
        Ddl = 4,
        TableChanges = 8,
        Database = 16,
        Status = 32,
        Id = 64,
        EventCount = 128,
        Collections = 256,
        Aggregate = 512,
        Additional = 1024,
        Milliseconds = 2048,
    }
}
