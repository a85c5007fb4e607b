using System.CommandLine;

namespace Cdc.Cli;

/// <summary><c>cdc tail</c>: the changes of a PostgreSQL database, live.</summary>
internal static class TailCommand
{
    private const string Variable = "CDC_POSTGRES";

    private static readonly Argument<string?> Postgres = new("POSTGRES") { Description = $"The database: a connection string or postgres://user@host/database. Without it {Variable} says; the password may come from PGPASSWORD.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Table = new("--table") { Description = "Show this table only: schema.table. Repeatable." };
    private static readonly Option<string[]> Operation = new("--operation") { Description = "Show these only: insert, update, delete, truncate. Repeatable." };
    private static readonly Option<string?> Publication = new("--publication") { Description = "The publication to read through (default: the only one of the database)." };
    private static readonly Option<bool> CreatePublication = new("--create-publication") { Description = "Create the publication for the tables, or for every table with a key, and drop it at the end." };
    private static readonly Option<string?> Slot = new("--slot") { Description = "Show what this slot holds, without confirming any of it (default: a temporary slot, from now on)." };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON object a line." };
    private static readonly Option<long?> Max = new("--max") { Description = "End after so many changes." };
    private static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours, as with NO_COLOR set or when the output is no terminal." };

    public static Command Create()
    {
        Operation.AcceptOnlyFromAmong("insert", "update", "delete", "truncate");
        var command = new Command("tail", "Show the changes of a PostgreSQL database while they are committed. Nothing is confirmed, and no slot is left behind.")
        {
            Postgres, Table, Operation, Publication, CreatePublication, Slot, Json, Max, NoColor,
        };
        command.SetAction((parsed, cancellation) => Terminal.GuardAsync(
            token =>
            {
                if (parsed.GetValue(Max) is <= 0) throw new ArgumentException("--max must be positive");
                var settings = new TailSettings
                {
                    ConnectionString = Connection(parsed.GetValue(Postgres)),
                    Tables = parsed.GetValue(Table) ?? [],
                    Operations = [.. (parsed.GetValue(Operation) ?? []).Select(o => Enum.Parse<ChangeOperation>(o, ignoreCase: true))],
                    Publication = parsed.GetValue(Publication) ?? (parsed.GetValue(CreatePublication) ? "cdc_tail" : null),
                    CreatePublication = parsed.GetValue(CreatePublication),
                    Slot = parsed.GetValue(Slot),
                    IsJson = parsed.GetValue(Json),
                    Max = parsed.GetValue(Max),
                    HasColor = !parsed.GetValue(NoColor) && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
                };
                return new Tail(settings).RunAsync(token);
            },
            cancellation, "interrupted"));
        return command;
    }

    private static string Connection(string? argument)
    {
        var address = argument ?? Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrWhiteSpace(address)) throw new ArgumentException($"no database is named: give a connection string or postgres://user@host/database, or set {Variable}");
        var connection = PostgresAddress.ToConnectionString(address);
        if (argument is not null && PostgresAddress.HasPassword(connection)) Terminal.Warn($"others on this machine can see a command line's password: use PGPASSWORD, or put the address into {Variable}");
        return connection;
    }
}

/// <summary>What <c>cdc tail</c> was told.</summary>
internal sealed record TailSettings
{
    public required string ConnectionString { get; init; }

    public required IReadOnlyList<string> Tables { get; init; }

    public required IReadOnlyList<ChangeOperation> Operations { get; init; }

    public string? Publication { get; init; }

    public bool CreatePublication { get; init; }

    public string? Slot { get; init; }

    public bool IsJson { get; init; }

    public long? Max { get; init; }

    public bool HasColor { get; init; }
}
