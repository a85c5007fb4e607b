using System.IO.Compression;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>What a capture holds, counted without any code of the library.</summary>
internal sealed record Capture(long Messages, long Changes, long Deletes, Dictionary<string, long> ChangesOf)
{
    public static async Task<Capture> ReadAsync()
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Repository.Corpus("seed.jsonl.gz")), CompressionMode.Decompress));
        var (messages, deletes) = (0L, 0L);
        var changes = new Dictionary<string, long>();
        while (await lines.ReadLineAsync() is { } line)
        {
            messages++;
            using var record = JsonDocument.Parse(line);
            using var value = JsonDocument.Parse(record.RootElement.GetProperty("value").GetString()!);
            var payload = value.RootElement.GetProperty("payload");
            var operation = payload.GetProperty("op").GetString();
            if (operation is not ("c" or "u" or "d" or "r")) continue;
            if (operation == "d") deletes++;
            var table = payload.GetProperty("source").GetProperty("table").GetString()!;
            changes[table] = changes.GetValueOrDefault(table) + 1;
        }

        return new Capture(messages, changes.Values.Sum(), deletes, changes);
    }
}
