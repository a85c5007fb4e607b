using System.CommandLine;
using Cdc.Cli;

var root = new RootCommand("Change data capture into ClickHouse: apply captured Debezium messages, watch PostgreSQL's changes, run an engine for development.")
{
    ApplyCommand.Create(),
    EngineCommand.Create(),
    TailCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    var command = parsed.CommandResult.Command == root ? "cdc" : $"cdc {parsed.CommandResult.Command.Name}";
    Terminal.Error($"{string.Join("; ", parsed.Errors.Select(e => string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))))} (see {command} --help)");
    return ExitCode.Usage;
}

return await parsed.InvokeAsync();
