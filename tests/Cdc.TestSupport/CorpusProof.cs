using System.Text.Json;
using Cdc.TestSupport.Values;

namespace Cdc.TestSupport;

/// <summary>How a capture is delivered and applied.</summary>
public sealed record ProofVariant
{
    /// <summary>In which order and how often messages come; as captured when null.</summary>
    public Func<IReadOnlyList<SourceMessage>, IReadOnlyList<SourceMessage>>? Deliver { get; init; }

    /// <summary>Whether two writers share the work at the same time, overlapping.</summary>
    public bool TwoWriters { get; init; }

    /// <summary>How many processes, one after the other, get the whole history: each begins with no memory, into the tables that are there.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>After how many messages the process ends, all parts of all tables are merged, and another process goes on; never when null.</summary>
    public int? MessagesUntilMerge { get; init; }

    /// <summary>Where blocks are cut; the writer's default when null.</summary>
    public int? MaxBlockRows { get; init; }

    internal bool MayMergeBetween => TwoWriters || Processes > 1 || MessagesUntilMerge is not null || MaxBlockRows is not null;

    /// <summary>How many messages a batch holds.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>The seed of what <see cref="TwoWriters"/> chooses.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether the reader is told the incarnation of the log: in any order, a snapshot row after a streamed one means nothing.</summary>
    public bool FixedEpoch { get; init; }

    /// <summary>Replaces the version that the reader gave, for showing that another scheme is wrong.</summary>
    public Func<SourceMessage, RowVersion>? Version { get; init; }
}

/// <summary>Applies a capture by the library on the real engine and compares what it holds with the source.</summary>
public static partial class CorpusProof
{
    // What DDL at the source did to rows that it did not send (sql/30_evolve.sql): c was dropped and added again with another type.
    private static readonly HashSet<string> RewrittenColumns = ["c"];
    private static int runs;

    /// <summary>Applies and compares.</summary>
    /// <param name="name">The capture.</param>
    /// <param name="variant">How it is delivered and applied.</param>
    /// <param name="endpoint">The engine's HTTP address.</param>
    /// <param name="cancellationToken">Abandons the run.</param>
    public static async Task<ComparisonResult> RunAsync(string name, ProofVariant variant, Uri endpoint, CancellationToken cancellationToken)
    {
        var capture = Capture.Load(name);
        var prefix = $"p{Interlocked.Increment(ref runs)}_";
        IReadOnlyList<SourceMessage> messages = variant.Deliver is { } deliver ? deliver(capture.Messages) : capture.Messages;
        var letters = new List<DeadLetter>();
        var reports = new List<PipelineReport>();
        if (variant.TwoWriters)
        {
            var (committed, zombie, successor) = Delivery.ForTwoWriters(messages, variant.Seed, MayStartAt);
            Note(await ApplyAsync(committed).ConfigureAwait(false));
            foreach (var outcome in await Task.WhenAll(ApplyAsync(zombie), ApplyAsync(successor)).ConfigureAwait(false)) Note(outcome);
        }
        else
        {
            for (var process = 0; process < variant.Processes; process++)
            {
                foreach (var part in messages.Chunk(variant.MessagesUntilMerge ?? messages.Count))
                {
                    Note(await ApplyAsync(part).ConfigureAwait(false));
                    if (variant.MessagesUntilMerge is not null) await MergeAsync(capture, prefix, endpoint).ConfigureAwait(false);
                }
            }
        }

        return await CompareAsync(capture, variant, new LetterBox(letters), reports, prefix, endpoint).ConfigureAwait(false);

        Task<(PipelineReport, List<DeadLetter>)> ApplyAsync(IReadOnlyList<SourceMessage> part) => Task.Run(() => RunPipelineAsync(capture, variant, part, prefix, endpoint, cancellationToken), cancellationToken);

        void Note((PipelineReport Report, List<DeadLetter> Letters) outcome)
        {
            reports.Add(outcome.Report);
            letters.AddRange(outcome.Letters);
        }
    }

    // A delete known only by its tombstone is ordered by the messages before it: a reader that begins with one refuses it by name.
    private static bool MayStartAt(SourceMessage message) => message.Value is { } value && !value.Span.SequenceEqual("null"u8);

    private static async Task<ComparisonResult> CompareAsync(Capture capture, ProofVariant variant, LetterBox letters, List<PipelineReport> reports, string prefix, Uri endpoint)
    {
        using var reader = new ClickHouseReader(endpoint);
        var result = new ComparisonResult();
        CompareStops(capture, reports, result);
        foreach (var final in capture.Tables.Where(t => !t.Key.IsEmpty))
        {
            // The stream names the partition: a partitioned table's own topic has the rows of the snapshot only.
            var table = final.ToString() == "ident.parted" ? Truth.Load("truth.snapshot").Single(t => t.ToString() == "ident.parted") : final;
            var stale = TakeKnownLetters(capture, table, letters);
            var unavailable = variant.MayMergeBetween ? TakeUnavailable(capture, table, letters) : [];
            var (database, target) = TargetOf(capture, table, prefix);
            var columns = await reader.ColumnsAsync(database, target).ConfigureAwait(false);
            if (columns.Count == 0)
            {
                result.Differences.Add(new Difference(table.ToString(), "", null, $"a table {database}.{target}", "none"));
                continue;
            }

            var rows = await reader.RowsAsync(database, target, columns, table).ConfigureAwait(false);
            new TableComparison(table, capture.Feed, capture.Mode, letters, result)
            {
                Stale = stale,
                Unavailable = unavailable,
                LosesDeletes = LosesDeletes(capture, table),
                RewrittenColumns = table.ToString() == "evo.t" ? RewrittenColumns : new HashSet<string>(),
            }.Compare(columns, rows);
        }

        foreach (var letter in letters.Rest) result.Differences.Add(new Difference(letter.Table?.ToString() ?? letter.Position.Topic, letter.Position.ToString(), letter.Column, "no dead letter", $"{letter.Reason}: {letter.Detail}"));
        return result;
    }

    private static async Task MergeAsync(Capture capture, string prefix, Uri endpoint)
    {
        using var reader = new ClickHouseReader(endpoint);
        foreach (var table in capture.Tables)
        {
            var (database, target) = TargetOf(capture, table, prefix);
            if ((await reader.ColumnsAsync(database, target).ConfigureAwait(false)).Count > 0) await reader.ExecuteAsync($"OPTIMIZE TABLE {ClickHouseReader.Identifier(database)}.{ClickHouseReader.Identifier(target)} FINAL").ConfigureAwait(false);
        }
    }

    // A table without a key stops and names its choices; no other table does.
    private static void CompareStops(Capture capture, List<PipelineReport> reports, ComparisonResult result)
    {
        var expected = capture.Tables.Where(t => t.Key.IsEmpty).Select(t => FeedIndex.Sanitize(t.ToString())).ToHashSet();
        foreach (var report in reports)
        {
            foreach (var table in report.Tables)
            {
                var isKeyless = expected.Contains(FeedIndex.Sanitize(table.Table.ToString()));
                if (isKeyless != (table.Stopped is not null)) result.Differences.Add(new Difference(table.Table.ToString(), "", null, isKeyless ? "stopped, for it has no key" : "not stopped", table.Stopped ?? "not stopped"));
            }
        }
    }

    // Refusals that the truth does not show: deletes whose key names no row, and messages of a time when a column had another type.
    private static HashSet<string> TakeKnownLetters(Capture capture, TruthTable table, LetterBox letters)
    {
        var stale = new HashSet<string>();
        foreach (var (key, messages) in capture.Feed.Rows(table))
        {
            if (messages.All(m => m.IsDelete))
            {
                foreach (var message in messages) letters.TryTake(message.Position, table, null, DeadLetterReason.KeyRefused);
            }

            foreach (var message in messages.Where(m => !m.IsDelete && IsOfAnotherType(capture.Mode, table, m)))
            {
                var taken = letters.TryTake(message.Position, table, null, DeadLetterReason.Malformed);
                if (taken && message == messages[^1]) stale.Add(key);
            }
        }

        return stale;
    }

    // A change of key is a delete and an insert. Once the delete is stored, ClickHouse may merge the left row away, and with it the unchanged
    // values that the insert needs: then the insert is refused by name.
    private static HashSet<string> TakeUnavailable(Capture capture, TruthTable table, LetterBox letters)
    {
        var keys = new HashSet<string>();
        foreach (var (key, messages) in capture.Feed.Rows(table))
        {
            foreach (var message in messages.Where(m => m.IsKeyChange))
            {
                if (letters.TryTake(message.Position, table, null, DeadLetterReason.UnavailableValue)) keys.Add(key);
            }
        }

        return keys;
    }

    // Without a schema, nothing tells that evo.t.c was text before it was numeric: such a message is refused as malformed.
    private static bool IsOfAnotherType(FeedMode mode, TruthTable table, FeedMessage message)
    {
        if (mode.HasSchema || table.ToString() != "evo.t" || !message.Row.TryGetProperty("c", out var value) || value.ValueKind != JsonValueKind.String) return false;
        return mode.Decimals == "string" ? !decimal.TryParse(value.GetString(), out _) : !value.TryGetBytesFromBase64(out _);
    }

    // The workload truncates evo.trunc1, evo.trunc2 and h.trunc, and most connectors do not send that; an index as replica identity names
    // no row that is deleted; and the flattener can be told to drop deletes.
    private static bool LosesDeletes(Capture capture, TruthTable table) =>
        (table.ToString() is "evo.trunc1" or "evo.trunc2" or "h.trunc" && !capture.Mode.SendsTruncates)
        || table.ToString() is "ident.idx"
        || capture.Mode is { IsFlat: true, FlatDeletes: "drop" };

    private static (string Database, string Table) TargetOf(Capture capture, TruthTable table, string prefix) => capture.Mode.IsFlat
        ? (prefix + FeedIndex.Sanitize(table.Schema), FeedIndex.Sanitize(table.Name))
        : (prefix + table.Schema, table.Name);
}
