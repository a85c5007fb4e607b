using Cdc.ClickHouse;
using Cdc.Debezium;
using Spectre.Console;

namespace Cdc.Cli;

/// <summary><c>cdc apply --dry-run</c>: reads the whole capture and shows what would be created; writes nothing.</summary>
internal sealed class DryRun(ApplySettings settings, DebeziumReader reader, ClickHouseOptions target)
{
    private readonly Dictionary<TableId, List<TableShape>> shapes = [];
    private long changes;
    private long refused;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var source = Apply.OpenCapture(settings.Capture);
        var change = new ChangeEvent();
        await foreach (var batch in source.ReadAsync(cancellationToken))
        {
            foreach (ref readonly var message in batch.Messages.Span) Read(in message, change);
        }

        var complete = true;
        await using var writer = new ClickHouseWriter(target);
        foreach (var (table, found) in shapes.OrderBy(s => s.Key.ToString(), StringComparer.Ordinal))
        {
            for (var i = 0; i < found.Count; i++)
            {
                // Only the first shape can be planned against the server: the later ones depend on what the first would do.
                var plan = i == 0 && settings.Endpoint is not null ? await writer.PlanAsync(found[i], cancellationToken) : ClickHouseWriter.Plan(found[i], target);
                if (i == 0) complete &= Show(table, plan);
                else ShowChange(found[i - 1], found[i]);
            }
        }

        Terminal.Out.WriteLine($"-- {changes:N0} changes of {shapes.Count} tables; {refused:N0} messages cannot be read");
        foreach (var warning in reader.Warnings) Terminal.Warn(warning);
        return complete && refused == 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    private void Read(in SourceMessage message, ChangeEvent change)
    {
        try
        {
            if (reader.Read(in message, change) != MessageKind.Change) return;
        }
        catch (CdcException failure) when (failure is ChangeFormatException or ValueRefusedException or TableStoppedException)
        {
            if (refused++ < 10) Terminal.Error(failure.Message);
            return;
        }

        changes++;
        if (!shapes.TryGetValue(change.Shape.Table, out var known)) shapes[change.Shape.Table] = known = [];
        if (!known.Contains(change.Shape)) known.Add(change.Shape);
    }

    private static bool Show(TableId table, ClickHouseTablePlan plan)
    {
        Terminal.Out.WriteLine($"-- {table}");
        if (plan.Refusal is not null)
        {
            Terminal.Error($"{table}: {plan.Refusal}");
            return false;
        }

        foreach (var note in plan.Notes) Terminal.Out.WriteLine($"--   {note}");
        if (plan.Statements.Count == 0) Terminal.Out.WriteLine("--   nothing to do: the table is as it must be");
        foreach (var statement in plan.Statements) Terminal.Out.WriteLine(statement + ";");
        Terminal.Out.WriteLine();
        return true;
    }

    private static void ShowChange(TableShape before, TableShape after)
    {
        var added = after.Columns.Where(c => before.IndexOf(c.Name) < 0).Select(c => $"+{c.Name}");
        var gone = before.Columns.Where(c => after.IndexOf(c.Name) < 0).Select(c => $"-{c.Name}");
        var changed = after.Columns.Where(c => before.IndexOf(c.Name) is var i and >= 0 && before.Columns[i] is var old && (old.Type != c.Type || old.Nullable != c.Nullable)).Select(c => $"~{c.Name}");
        Terminal.Out.WriteLine($"--   later its messages change shape: {string.Join(' ', added.Concat(gone).Concat(changed))}");
    }
}
