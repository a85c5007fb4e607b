using System.CommandLine;
using Cdc.ClickHouse;

namespace Cdc.Cli;

/// <summary><c>cdc apply</c>: the messages of a capture into ClickHouse.</summary>
internal static class ApplyCommand
{
    private static readonly Argument<string> Capture = new("FILE") { Description = "The capture, .jsonl or .jsonl.gz; - for standard input." };
    private static readonly Option<Uri?> To = new("--to") { Description = "ClickHouse's HTTP address. Without it the embedded engine is started.", CustomParser = ParseUri };
    private static readonly Option<string?> Database = new("--database") { Description = "One database for all tables (default: each table's schema)." };
    private static readonly Option<string?> User = new("--user") { Description = "ClickHouse's user; the password comes from CLICKHOUSE_PASSWORD." };
    private static readonly Option<bool> AllowPlainHttp = new("--allow-plain-http") { Description = "Allow http to an address that is not this machine." };
    private static readonly Option<DirectoryInfo> Data = new("--data") { Description = "The embedded engine's folder.", DefaultValueFactory = _ => new DirectoryInfo("cdc-data") };
    private static readonly Option<FileInfo?> Connector = new("--connector") { Description = "The connector's JSON configuration: says how values are encoded." };
    private static readonly Option<FileInfo?> Catalog = new("--catalog") { Description = "The source's tables and types, one JSON object a line: for messages without schema." };
    private static readonly Option<bool> NoCreate = new("--no-create") { Description = "Refuse to create or alter databases, tables and views." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be created; write nothing." };
    private static readonly Option<FileInfo?> DeadLetters = new("--dead-letters") { Description = "Where messages go that cannot be applied (default: FILE's name with .dead-letters.jsonl)." };
    private static readonly Option<TruncatePolicy> Truncate = new("--truncate") { Description = "What a TRUNCATE of the source does: stop (the table), ignore, or apply (remove what is older).", DefaultValueFactory = _ => TruncatePolicy.Stop };
    private static readonly Option<string> TypeChange = new("--type-change") { Description = "What a column does that came back with another type: stop (the table) or replace (drop and add it, as the source did).", DefaultValueFactory = _ => "stop" };
    private static readonly Option<RenamePolicy> Rename = new("--rename") { Description = "What a column does that seems to be renamed: stop (the table), rename (the column), or add (a new one).", DefaultValueFactory = _ => RenamePolicy.Stop };
    private static readonly Option<string[]> Key = new("--key") { Description = "A key for a table without one: schema.table=column,column or schema.table=* for all columns. Repeatable.", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<byte?> Epoch = new("--epoch") { Description = "A fixed epoch instead of detecting a new incarnation of the source's log." };
    private static readonly Option<int> BlockRows = new("--block-rows") { Description = "The most rows one insert carries.", DefaultValueFactory = _ => 50_000 };

    public static Command Create()
    {
        TypeChange.AcceptOnlyFromAmong("stop", "replace");
        var command = new Command("apply", "Apply a capture of Debezium messages to ClickHouse. Applying it again changes nothing.")
        {
            Capture, To, Database, User, AllowPlainHttp, Data, Connector, Catalog, NoCreate, DryRun, DeadLetters, Truncate, TypeChange, Rename, Key, Epoch, BlockRows,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var file = parsed.GetValue(Capture)!;
            var settings = new ApplySettings
            {
                Capture = file,
                Endpoint = parsed.GetValue(To),
                Database = parsed.GetValue(Database),
                User = parsed.GetValue(User),
                AllowPlainHttp = parsed.GetValue(AllowPlainHttp),
                DataFolder = parsed.GetValue(Data)!.FullName,
                Connector = parsed.GetValue(Connector)?.FullName,
                Catalog = parsed.GetValue(Catalog)?.FullName,
                Create = !parsed.GetValue(NoCreate),
                DryRun = parsed.GetValue(DryRun),
                DeadLetters = parsed.GetValue(DeadLetters)?.FullName ?? DefaultDeadLetters(file),
                Truncate = parsed.GetValue(Truncate),
                ReplaceChangedTypes = parsed.GetValue(TypeChange) == "replace",
                Rename = parsed.GetValue(Rename),
                Keys = parsed.GetValue(Key) ?? [],
                Epoch = parsed.GetValue(Epoch),
                BlockRows = parsed.GetValue(BlockRows),
            };
            return Terminal.GuardAsync(token => new Apply(settings).RunAsync(token), cancellation);
        });
        return command;
    }

    private static string DefaultDeadLetters(string file)
    {
        if (file == "-") return "stdin.dead-letters.jsonl";
        var name = Path.GetFileName(file);
        foreach (var ending in new[] { ".gz", ".jsonl" })
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) name = name[..^ending.Length];
        }

        return name + ".dead-letters.jsonl";
    }

    private static Uri? ParseUri(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            result.AddError("--to needs an address such as http://localhost:8123");
            return null;
        }

        if (uri.UserInfo.Length > 0)
        {
            result.AddError("--to must not hold a password: use --user and CLICKHOUSE_PASSWORD");
            return null;
        }

        return uri;
    }
}

/// <summary>What <c>cdc apply</c> was told.</summary>
internal sealed record ApplySettings
{
    public required string Capture { get; init; }

    public Uri? Endpoint { get; init; }

    public string? Database { get; init; }

    public string? User { get; init; }

    public bool AllowPlainHttp { get; init; }

    public required string DataFolder { get; init; }

    public string? Connector { get; init; }

    public string? Catalog { get; init; }

    public bool Create { get; init; }

    public bool DryRun { get; init; }

    public required string DeadLetters { get; init; }

    public TruncatePolicy Truncate { get; init; }

    public bool ReplaceChangedTypes { get; init; }

    public RenamePolicy Rename { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public byte? Epoch { get; init; }

    public int BlockRows { get; init; }
}
