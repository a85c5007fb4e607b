using System.Text;
using System.Text.Json;
using Cdc.TestSupport.Values;

namespace Cdc.TestSupport;

/// <summary>One message of a row, as far as the comparison needs it.</summary>
/// <param name="Position">Its topic, partition and own offset.</param>
/// <param name="Operation"><c>r</c>, <c>c</c>, <c>u</c>, <c>d</c>, or <c>tombstone</c>; the insert that follows a change of key is an <c>u</c>, for so it was at the source.</param>
/// <param name="Columns">The columns that it carries, names repaired.</param>
/// <param name="Row">The row after the change, else the row before.</param>
public sealed record FeedMessage(Checkpoint Position, string Operation, IReadOnlySet<string> Columns, JsonElement Row)
{
    /// <summary>Whether the row took this key with it, leaving another.</summary>
    public bool IsKeyChange { get; init; }

    /// <summary>Whether it removes the row.</summary>
    public bool IsDelete => Operation is "d" or "tombstone";
}

/// <summary>
/// What a capture says of each row, read with nothing but a JSON parser: it knows which columns were never sent and which
/// rows were never deleted, so that the comparison does not ask the code under test.
/// </summary>
public sealed class FeedIndex
{
    private readonly Dictionary<(string Table, string Key), List<FeedMessage>> rows = [];
    private readonly Dictionary<string, TruthTable> byTopic;
    private readonly Dictionary<string, TruthTable> byName;
    private readonly FeedMode mode;

    /// <summary>Reads a capture.</summary>
    public FeedIndex(IEnumerable<SourceMessage> messages, FeedMode mode, IEnumerable<TruthTable> tables)
    {
        this.mode = mode;
        var list = tables.ToList();
        byName = list.ToDictionary(t => t.ToString());
        byTopic = list.ToDictionary(t => $"{mode.TopicPrefix}.{Sanitize(t.Schema)}.{Sanitize(t.Name)}");
        foreach (var message in messages) Add(message);
    }

    /// <summary>The tables that had messages, and those of them that were truncated.</summary>
    public HashSet<string> Tables { get; } = [];

    /// <inheritdoc cref="Tables"/>
    public HashSet<string> Truncated { get; } = [];

    /// <summary>The messages of a row in Kafka's order; none when there is no such row.</summary>
    public IReadOnlyList<FeedMessage> Of(TruthTable table, string key) => rows.GetValueOrDefault((table.ToString(), key)) ?? [];

    /// <summary>The keys of a table that the feed knows.</summary>
    public IEnumerable<(string Key, IReadOnlyList<FeedMessage> Messages)> Rows(TruthTable table) =>
        rows.Where(r => r.Key.Table == table.ToString()).Select(r => (r.Key.Key, (IReadOnlyList<FeedMessage>)r.Value));

    /// <summary>Kafka Connect's replacement of what a topic name cannot hold.</summary>
    public static string Sanitize(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_'));

    /// <summary>The key of a message in the normal form of its columns.</summary>
    public static string? KeyOf(TruthTable table, ReadOnlyMemory<byte>? key)
    {
        if (key is null || table.Key.IsEmpty) return null;
        using var document = JsonDocument.Parse(key.Value);
        var payload = Payload(document.RootElement);
        return NormalForm.List(table.KeyPositions.Select(p => KeyValue(PgType.Parse(table.Columns[p].Type), payload.GetProperty(table.Columns[p].Name))));
    }

    /// <summary>A column name as the source has it: the stream of the connector mangles each byte of UTF-8 above 0x7F to U+FF00 plus the byte.</summary>
    public static string Repair(string name) => name.Any(c => c >= '\uFF80')
        ? Encoding.UTF8.GetString([.. name.SelectMany(c => c >= '\uFF80' ? [(byte)c] : Encoding.UTF8.GetBytes([c]))])
        : name;

    private void Add(in SourceMessage message)
    {
        var position = new Checkpoint(message.Topic, message.Partition, message.Offset);
        if (message.Value is not { } value || value.Span.SequenceEqual("null"u8))
        {
            // The flattener's tombstones arrive as the JSON text null. Elsewhere a tombstone follows its own delete.
            if (mode is { IsFlat: true, FlatDeletes: "tombstone" } && byTopic.TryGetValue(message.Topic, out var gone)) Note(gone, message.Key, new FeedMessage(position, "tombstone", new HashSet<string>(), default));
            return;
        }

        using var document = JsonDocument.Parse(value);
        var payload = Payload(document.RootElement);
        if (mode.IsFlat)
        {
            if (!byTopic.TryGetValue(message.Topic, out var flat)) return;
            Note(flat, message.Key, new FeedMessage(position, Operation(message, payload.GetProperty("__op").GetString()!), Names(payload), payload.Clone()) { IsKeyChange = IsKeyChange(message) });
            return;
        }

        if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty("op", out var op) || op.GetString() == "m") return;
        var source = payload.GetProperty("source");
        if (!byName.TryGetValue($"{source.GetProperty("schema").GetString()}.{source.GetProperty("table").GetString()}", out var table)) return;
        if (op.GetString() == "t")
        {
            Truncated.Add(table.ToString());
            return;
        }

        var row = payload.GetProperty(op.GetString() == "d" ? "before" : "after");
        Note(table, message.Key, new FeedMessage(position, Operation(message, op.GetString()!), Names(row), row.Clone()) { IsKeyChange = IsKeyChange(message) });
    }

    private void Note(TruthTable table, ReadOnlyMemory<byte>? key, FeedMessage message)
    {
        Tables.Add(table.ToString());
        if (KeyOf(table, key) is not { } normal) return;
        if (!rows.TryGetValue((table.ToString(), normal), out var list)) rows[(table.ToString(), normal)] = list = [];
        list.Add(message);
    }

    private static string Operation(in SourceMessage message, string op) => op == "c" && IsKeyChange(message) ? "u" : op;

    private static bool IsKeyChange(in SourceMessage message) => message.Headers is { } headers && headers.Any(h => h.Name == "__debezium.oldkey");

    private static HashSet<string> Names(JsonElement row) => row.ValueKind == JsonValueKind.Object ? [.. row.EnumerateObject().Select(p => Repair(p.Name))] : [];

    private static JsonElement Payload(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("payload", out var payload) && root.TryGetProperty("schema", out _) ? payload : root;

    private static string KeyValue(PgType type, JsonElement value) => (type.Name, value.ValueKind) switch
    {
        ("numeric", JsonValueKind.String) when IsBase64Decimal(value.GetString()!) =>
            new ExactDecimal(new System.Numerics.BigInteger(value.GetBytesFromBase64(), isBigEndian: true), type.Second).ToString(),
        ("numeric", JsonValueKind.String) => NormalForm.Decimal(value.GetString()!),
        ("date", JsonValueKind.Number) => DateOnly.FromDayNumber(value.GetInt32() + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber).ToString("yyyy-MM-dd"),
        ("date" or "timestamp with time zone", _) => NormalForm.Time(value.GetString()!.TrimEnd('Z')),
        (_, JsonValueKind.String) => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static bool IsBase64Decimal(string text) => !text.Contains('.');
}
