using System.Text;
using Cdc.ClickHouse;
using Cdc.Debezium;

namespace Cdc.TestSupport;

public static partial class CorpusProof
{
    // What only the source knows and a catalog file cannot say (sql/00_schema.sql).
    private static readonly Dictionary<string, string> Domains = new(StringComparer.Ordinal) { ["types.posint"] = "integer", ["types.price"] = "numeric(10,2)" };

    // The connector's own signals are captured too, and no truth file has them.
    private static readonly TableId Signals = new("", "public", "debezium_signal");
    private static readonly SourceType Text = PostgresTypes.Parse("text");

    private static async Task<(PipelineReport Report, List<DeadLetter> Letters)> RunPipelineAsync(Capture capture, ProofVariant variant, IReadOnlyList<SourceMessage> messages, string prefix, Uri endpoint, CancellationToken cancellationToken)
    {
        var reader = NewReader(capture, variant);
        await using var source = new ListSource(messages, variant.BatchSize);
        await using var writer = new ClickHouseWriter(NewOptions(capture, variant, prefix, endpoint));
        await using var letters = new DeadLetterList();
        var pipeline = new ChangePipeline(source, variant.Version is { } version ? new ReaderWithVersion(reader, version) : reader, writer, letters, new PipelineOptions { Truncate = TruncatePolicy.Apply, FlushInterval = TimeSpan.FromMinutes(10) });
        return (await pipeline.RunAsync(cancellationToken).ConfigureAwait(false), letters.Letters);
    }

    private static DebeziumReader NewReader(Capture capture, ProofVariant variant)
    {
        var options = DebeziumOptions.FromConnector(Encoding.UTF8.GetBytes(capture.Connector));
        if (variant.FixedEpoch) options.Epoch = 0;
        // A schema block says all but which strings are bytes.
        if (capture.Mode is { HasSchema: true, Binary: "bytes" }) return new DebeziumReader(options);
        using var catalog = File.OpenRead(Corpus.PathOf($"{capture.TruthName}.jsonl.gz"));
        var tables = SourceCatalogFile.Read(catalog, Domains);
        tables.Add(new CatalogTable(Signals, [new ColumnShape("id", Text, false), new ColumnShape("type", Text, false), new ColumnShape("data", Text, true)], ["id"]));
        return new DebeziumReader(options, tables);
    }

    private static ClickHouseOptions NewOptions(Capture capture, ProofVariant variant, string prefix, Uri endpoint)
    {
        var options = new ClickHouseOptions { Endpoint = endpoint, TypeChange = TypeChangePolicy.Replace, Rename = RenamePolicy.Rename, ApplyTruncates = true };
        if (variant.MaxBlockRows is { } rows) options.MaxBlockRows = rows;
        foreach (var table in capture.Tables)
        {
            var (database, target) = TargetOf(capture, table, prefix);
            options.Tables[table.ToString()] = options.Tables[$"{FeedIndex.Sanitize(table.Schema)}.{FeedIndex.Sanitize(table.Name)}"] = new ClickHouseTableOptions { Database = database, Table = target };
        }

        options.Tables[Signals.ToString()] = new ClickHouseTableOptions { Database = $"{prefix}public" };
        return options;
    }

    /// <summary>A reader whose versions are made by another rule.</summary>
    private sealed class ReaderWithVersion(DebeziumReader inner, Func<SourceMessage, RowVersion> version) : IChangeReader
    {
        public MessageKind Read(in SourceMessage message, ChangeEvent change)
        {
            var kind = inner.Read(in message, change);
            if (kind == MessageKind.Change) change.Version = version(message);
            return kind;
        }
    }
}
