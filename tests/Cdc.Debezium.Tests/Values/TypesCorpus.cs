using System.IO.Compression;
using System.Text.Json;

namespace Cdc.Debezium.Tests.Values;

/// <summary>The tables <c>types.*</c> of the corpus: every value as PostgreSQL tells it and as three configurations sent it.</summary>
internal static class TypesCorpus
{
    /// <summary>Where the corpus lies: <c>CDC_CORPUS</c>, or beside the checkout; null where it is not.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The rows of a configuration's tables as last sent, by table and id: the JSON of each column, verbatim.</summary>
    public static Dictionary<(string Table, int Id), Dictionary<string, string>> Sent(string configuration)
    {
        var rows = new Dictionary<(string, int), Dictionary<string, string>>();
        foreach (var line in Lines($"{configuration}.jsonl.gz"))
        {
            using var message = JsonDocument.Parse(line);
            var topic = message.RootElement.GetProperty("topic").GetString()!.Split('.');
            if (topic is not [_, "types", var table] || message.RootElement.GetProperty("value").GetString() is not { } value) continue;
            using var envelope = JsonDocument.Parse(value);
            var payload = envelope.RootElement.TryGetProperty("payload", out var inner) ? inner : envelope.RootElement;
            if (payload.GetProperty("op").GetString() is not ("r" or "c" or "u")) continue;
            var after = payload.GetProperty("after");
            rows[(table, after.GetProperty("id").GetInt32())] = after.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText());
        }

        return rows;
    }

    /// <summary>The source's own text of every value.</summary>
    public static IEnumerable<SourceValue> Source()
    {
        foreach (var line in Lines("truth.final.jsonl.gz"))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.GetProperty("schema").GetString() != "types") continue;
            var columns = root.GetProperty("columns").EnumerateArray().Select(c => (Name: c.GetProperty("name").GetString()!, Type: c.GetProperty("type").GetString()!)).ToArray();
            foreach (var row in root.GetProperty("rows").EnumerateArray())
            {
                var id = int.Parse(row[0].GetString()!);
                for (var i = 1; i < columns.Length; i++) yield return new SourceValue(root.GetProperty("table").GetString()!, id, columns[i].Name, columns[i].Type, row[i].GetString());
            }
        }
    }

    /// <summary>The values that <c>values.tsv</c> lists.</summary>
    public static HashSet<(string Table, int Id, string Column)> Listed() =>
        [.. File.ReadAllText(Path.Combine(Folder!, "postgres", "values.tsv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split('\t')).Select(f => (f[0], int.Parse(f[1]), f[2]))];

    private static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Folder!, "postgres", name)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static string? Find()
    {
        var candidates = new List<string?> { Environment.GetEnvironmentVariable("CDC_CORPUS") };
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            candidates.Add(Path.Combine(folder.FullName, "corpus"));
            candidates.Add(Path.Combine(folder.FullName, "shared", "corpus"));
        }

        return candidates.FirstOrDefault(c => c is not null && File.Exists(Path.Combine(c, "postgres", "values.tsv")));
    }
}

/// <summary>One value at the source.</summary>
internal sealed record SourceValue(string Table, int Id, string Column, string Type, string? Text)
{
    /// <summary>Rows up to 100 were there before the connector started.</summary>
    public bool IsSnapshot => Id < 100;
}
