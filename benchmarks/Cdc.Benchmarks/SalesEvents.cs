using Cdc.Debezium;

namespace Cdc.Benchmarks;

/// <summary>The sales table's streamed messages from the recorded captures, repeated until there are enough.</summary>
internal static class SalesEvents
{
    public const int Count = 10_000;

    public static async Task<SourceMessage[]> LoadAsync(string capture)
    {
        var path = Path.Combine(Corpus, $"{capture}.jsonl.gz");
        var sales = new List<SourceMessage>();
        await foreach (var batch in new CaptureSource(path).ReadAsync(CancellationToken.None))
        {
            foreach (var message in batch.Messages.Span)
            {
                if (message.Topic.EndsWith("franco.sales", StringComparison.Ordinal) && message.Value is { } value && value.Span.IndexOf("\"op\":\"u\""u8) >= 0) sales.Add(message);
            }
        }

        var messages = new SourceMessage[Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var message = sales[i % sales.Count];
            messages[i] = new SourceMessage(message.Topic, 0, i, message.Key, message.Value) { Headers = message.Headers };
        }

        return messages;
    }

    public static SourceCatalog Catalog()
    {
        using var file = File.OpenRead(Path.Combine(Corpus, "truth.final.jsonl.gz"));
        return SourceCatalogFile.Read(file);
    }

    private static string Corpus
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var corpus = Path.Combine(folder.FullName, "tests", "corpus", "postgres");
                if (Directory.Exists(corpus)) return corpus;
            }

            throw new InvalidOperationException("Run the benchmarks inside a checkout: they read tests/corpus.");
        }
    }
}
