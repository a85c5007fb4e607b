using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Cdc.TestSupport;

/// <summary>The captured messages under <c>tests/corpus</c>: what real Debezium sent, byte for byte.</summary>
public static class Corpus
{
    /// <summary>The folder of the corpus, found upwards from the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The messages of a capture file, in the order in which they were consumed.</summary>
    /// <param name="name">The file without its ending: <c>plain</c>, or with its folder: <c>mariadb/plain</c>.</param>
    public static ImmutableArray<SourceMessage> Messages(string name)
    {
        var messages = ImmutableArray.CreateBuilder<SourceMessage>();
        foreach (var line in Lines($"{name}.jsonl.gz"))
        {
            using var document = JsonDocument.Parse(line);
            messages.Add(ToMessage(document.RootElement));
        }

        return messages.ToImmutable();
    }

    /// <summary>The connector's configuration of a capture, as JSON.</summary>
    /// <param name="name">The capture's name, as in <see cref="Messages"/>.</param>
    public static string Connector(string name) => File.ReadAllText(PathOf($"{name}.connector.json"));

    internal static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(PathOf(file)), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0) yield return line;
        }
    }

    /// <summary>The path of a file of the corpus; without a folder it is one of <c>postgres/</c>.</summary>
    public static string PathOf(string file) => Path.Combine(Root, file.Contains('/') ? file : $"postgres/{file}");

    private static SourceMessage ToMessage(JsonElement line) => new(
        line.GetProperty("topic").GetString()!,
        line.GetProperty("partition").GetInt32(),
        line.GetProperty("offset").GetInt64(),
        Bytes(line.GetProperty("key")),
        Bytes(line.GetProperty("value")))
    {
        Timestamp = line.GetProperty("timestamp").GetInt64(),
        Headers = line.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Array
            ? [.. headers.EnumerateArray().Select(h => new MessageHeader(h[0].GetString()!, Bytes(h[1])))]
            : null,
    };

    private static ReadOnlyMemory<byte>? Bytes(JsonElement text) => text.ValueKind switch
    {
        // Typed: a null byte[] would become empty memory, and a tombstone an empty message.
        JsonValueKind.Null => (ReadOnlyMemory<byte>?)null,
        JsonValueKind.Object => text.GetProperty("base64").GetBytesFromBase64(),
        _ => Encoding.UTF8.GetBytes(text.GetString()!),
    };

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "tests", "corpus");
            if (Directory.Exists(candidate)) return candidate;
        }

        throw new DirectoryNotFoundException("tests/corpus was not found above the test assembly: run the tests from a checkout of the repository.");
    }
}
