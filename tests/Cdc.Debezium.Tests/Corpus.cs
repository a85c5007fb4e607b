using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Tests;

/// <summary>The corpus of real messages, as it stands in the repository.</summary>
internal static class Corpus
{
    public static readonly string[] Names = ["plain", "schema", "seed", "strings", "full", "flat", "flattombstone", "flatdropped", "routedall", "histories-2", "histories-3"];

    // A file cannot say what a domain is made of.
    private static readonly Dictionary<string, string> Domains = new() { ["types.price"] = "numeric(10,2)", ["types.posint"] = "integer" };

    public static List<SourceMessage> Messages(string name)
    {
        var messages = new List<SourceMessage>();
        var topics = new Dictionary<string, string>();
        foreach (var line in Lines($"{name}.jsonl.gz"))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var topic = root.GetProperty("topic").GetString()!;
            if (!topics.TryGetValue(topic, out var known)) topics[topic] = known = topic;
            messages.Add(new SourceMessage(known, root.GetProperty("partition").GetInt32(), root.GetProperty("offset").GetInt64(), Bytes(root.GetProperty("key")), Bytes(root.GetProperty("value")))
            {
                Headers = [.. root.GetProperty("headers").EnumerateArray().Select(header => new MessageHeader(header[0].GetString()!, Bytes(header[1])))],
            });
        }

        return messages;
    }

    public static DebeziumOptions Options(string name) => DebeziumOptions.FromConnector(File.ReadAllBytes(PathOf($"{name}.connector.json")));

    public static SourceCatalog Catalog(string name)
    {
        using var file = File.OpenRead(PathOf(name.StartsWith("histories", StringComparison.Ordinal) ? $"{name}.truth.jsonl.gz" : "truth.final.jsonl.gz"));
        var catalog = SourceCatalogFile.Read(file, Domains);
        catalog.Add(Table("public.debezium_signal", "id", ("id", "character varying(42)"), ("type", "character varying(32)"), ("data", "character varying(2048)")));
        return catalog;
    }

    public static CatalogTable Table(string name, string key, params (string Name, string Type)[] columns) => new(
        new TableId("", name[..name.IndexOf('.')], name[(name.IndexOf('.') + 1)..]),
        [.. columns.Select(column => new ColumnShape(column.Name, PostgresTypes.Parse(column.Type), true))],
        [.. key.Split(',', StringSplitOptions.RemoveEmptyEntries)]);

    public static DebeziumReader Reader(string name) => new(Options(name), Catalog(name));

    /// <summary>Reads everything that is a change, detached.</summary>
    public static IEnumerable<ChangeEvent> Changes(DebeziumReader reader, IEnumerable<SourceMessage> messages)
    {
        var change = new ChangeEvent();
        foreach (var message in messages)
        {
            MessageKind kind;
            try
            {
                kind = reader.Read(in message, change);
            }
            catch (ValueRefusedException)
            {
                continue;
            }

            if (kind == MessageKind.Change) yield return change.Detach();
        }
    }

    public static IEnumerable<JsonElement> Truth(string name)
    {
        foreach (var line in Lines($"{name}.jsonl.gz"))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(PathOf(file)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static string PathOf(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "corpus", "postgres", file);
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException($"The corpus is not above {AppContext.BaseDirectory}.", file);
    }

    private static ReadOnlyMemory<byte>? Bytes(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => (ReadOnlyMemory<byte>?)null,
        JsonValueKind.String => Encoding.UTF8.GetBytes(element.GetString()!),
        _ => element.GetProperty("base64").GetBytesFromBase64(),
    };
}
