using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Tests;

/// <summary>Messages made by hand, each at the next offset of one partition, read at once.</summary>
internal sealed class Feed(DebeziumReader reader, string topic = "p.s.t")
{
    public const string Source = """{"connector":"postgresql","name":"p","ts_ms":1000,"snapshot":"false","db":"d","sequence":"[\"100\",\"200\"]","schema":"s","table":"t","lsn":200}""";

    public ChangeEvent Change { get; } = new();

    public long Offset { get; set; }

    public static SourceCatalog Catalog(string key = "id", params (string Name, string Type)[] columns)
    {
        var catalog = new SourceCatalog();
        catalog.Add(Corpus.Table("s.t", key, columns.Length > 0 ? columns : [("id", "integer"), ("v", "text")]));
        return catalog;
    }

    public static Feed Plain(params (string Name, string Type)[] columns) => new(new DebeziumReader(null, Catalog("id", columns)));

    public static string Envelope(string op, string before, string after, string? source = null) =>
        $$"""{"before":{{before}},"after":{{after}},"source":{{source ?? Source}},"op":"{{op}}","ts_ms":1}""";

    public static string At(ulong? commit, ulong position, long time = 1000, string snapshot = "false") =>
        $$"""{"connector":"postgresql","ts_ms":{{time}},"snapshot":"{{snapshot}}","db":"d","sequence":"[{{(commit is null ? "null" : $"\\\"{commit}\\\"")}},\"{{position}}\"]","schema":"s","table":"t"}""";

    public MessageKind Read(string? key, string? value, params (string Name, string Value)[] headers)
    {
        var message = new SourceMessage(topic, 0, Offset++, Bytes(key), Bytes(value)) { Headers = [.. headers.Select(header => new MessageHeader(header.Name, Bytes(header.Value)))] };
        return reader.Read(in message, Change);
    }

    public MessageKind Read(byte[] value)
    {
        var message = new SourceMessage(topic, 0, Offset++, Bytes("""{"id":1}"""), value);
        return reader.Read(in message, Change);
    }

    public static string Json(RowImage row) => Canonical(row);

    public static string Canonical(RowImage row)
    {
        if (!row.IsPresent) return "";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) CanonicalJson.Write(row, writer);
        var text = new StringBuilder(Encoding.UTF8.GetString(buffer.WrittenSpan));
        for (var i = 0; i < row.Columns.Length; i++)
        {
            if (row.GetState(i) is CellState.Absent or CellState.Unavailable) text.Append(' ').Append(row.Columns[i].Name).Append(':').Append(row.GetState(i));
        }

        return text.ToString();
    }

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(text);
}
