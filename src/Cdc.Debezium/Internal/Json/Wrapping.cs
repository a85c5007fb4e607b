using System.Text.Unicode;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal.Json;

/// <summary>What must follow a payload.</summary>
internal enum Tail
{
    /// <summary>The end of the document.</summary>
    End,

    /// <summary>The wrapper's brace, then the end.</summary>
    Brace,

    /// <summary>Whatever follows was looked at already.</summary>
    Seen,
}

/// <summary>
/// Takes the wrapper <c>{"schema":…,"payload":…}</c> off a value or a key, where there is one: an object of exactly these two members
/// whose schema is null or an object with a type. Blocks seen before are skipped by their bytes.
/// </summary>
internal sealed class Wrapping
{
    private const int Limit = 256;

    private readonly List<ConnectSchema> known = [];
    private ConnectSchema? last;

    /// <summary>Opens a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="maxDepth">How deep it may nest.</param>
    /// <param name="schema">The schema of the payload, or null.</param>
    /// <param name="tail">What must follow the payload: <see cref="Close"/> checks it.</param>
    /// <returns>A cursor that stands before the payload.</returns>
    public JsonCursor Open(ReadOnlyMemory<byte> json, int maxDepth, out ConnectSchema? schema, out Tail tail)
    {
        var bytes = json.Span;
        if (last is not null && bytes.Length > last.Head.Length && bytes[0] == '{' && bytes[1..].StartsWith(last.Head)) return Continue(bytes, maxDepth, last, out schema, out tail);
        if (bytes.StartsWith("{\"schema\":"u8))
        {
            foreach (var candidate in known)
            {
                if (candidate.Head.Length > 0 && bytes[1..].StartsWith(candidate.Head)) return Continue(bytes, maxDepth, last = candidate, out schema, out tail);
            }
        }

        tail = Tail.End;
        schema = null;
        Validate(bytes, 0);
        var start = bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        var cursor = new JsonCursor(bytes, maxDepth, start);
        if (cursor.Peek() != '{' || !TryFindPayload(json, maxDepth, start, out var payload, out schema)) return cursor;
        tail = Tail.Seen;
        return new JsonCursor(bytes, maxDepth, payload);
    }

    /// <summary>Checks what follows the payload.</summary>
    public static void Close(ref JsonCursor cursor, Tail tail)
    {
        if (tail == Tail.Seen) return;
        if (tail == Tail.Brace && cursor.NextMember()) throw cursor.Problem("a member follows the payload");
        cursor.End();
    }

    private static JsonCursor Continue(ReadOnlySpan<byte> bytes, int maxDepth, ConnectSchema found, out ConnectSchema? schema, out Tail tail)
    {
        Validate(bytes, found.Head.Length + 1);
        schema = found;
        tail = Tail.Brace;
        var cursor = new JsonCursor(bytes, maxDepth);
        cursor.BeginObject();
        cursor.TryTake(found.Head);
        return cursor;
    }

    private static void Validate(ReadOnlySpan<byte> bytes, int from)
    {
        if (!Utf8.IsValid(bytes[from..])) throw new MessageProblem("the message is not valid UTF-8", 0);
    }

    private bool TryFindPayload(ReadOnlyMemory<byte> json, int maxDepth, int start, out int payload, out ConnectSchema? schema)
    {
        payload = -1;
        schema = null;
        var cursor = new JsonCursor(json.Span, maxDepth, start);
        if (!cursor.BeginObject()) return false;
        var body = cursor.Position;
        int schemaStart = -1, schemaLength = 0;
        byte schemaToken = 0;
        do
        {
            var name = cursor.TakeName();
            if (name.SequenceEqual("schema"u8) && schemaStart < 0)
            {
                schemaToken = cursor.TakeValue(out schemaStart, out schemaLength);
            }
            else if (name.SequenceEqual("payload"u8) && payload < 0)
            {
                cursor.Peek();
                payload = cursor.Position;
                cursor.SkipValue();
            }
            else
            {
                return false;
            }
        }
        while (cursor.NextMember());
        if (schemaStart < 0 || payload < 0 || schemaToken is not (0 or WireToken.Object)) return false;
        cursor.End();
        if (schemaToken == 0) return true;
        var block = json.Slice(schemaStart, schemaLength);
        schema = Find(block.Span);
        if (schema is null)
        {
            try
            {
                schema = ConnectSchema.Parse(block, maxDepth);
            }
            catch (FormatException exception)
            {
                throw new MessageProblem($"the schema block cannot be used: {exception.Message}", schemaStart);
            }

            if (known.Count == Limit) known.Clear();
            known.Add(schema);
        }

        if (payload > schemaStart) schema.Head = json.Span[body..payload].ToArray();
        last = schema;
        return true;
    }

    private ConnectSchema? Find(ReadOnlySpan<byte> block)
    {
        foreach (var candidate in known)
        {
            if (block.SequenceEqual(candidate.Block)) return candidate;
        }

        return null;
    }
}
