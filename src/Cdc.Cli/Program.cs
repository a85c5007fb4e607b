using System.CommandLine;
using Cdc.Cli;
using Spectre.Console;

var root = new RootCommand("Change data capture into ClickHouse: apply captured Debezium messages, run an engine for development.")
{
    ApplyCommand.Create(),
    EngineCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Terminal.Error(error.Message);
    Terminal.Error($"See: cdc {string.Join(' ', parsed.CommandResult.Command == root ? [] : new[] { parsed.CommandResult.Command.Name })} --help");
    return ExitCode.Usage;
}

return await parsed.InvokeAsync();
