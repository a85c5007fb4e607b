using System.Globalization;
using Spectre.Console;

namespace Cdc.Cli;

/// <summary>What was done, as a table.</summary>
internal static class ApplyReport
{
    public static void Write(IAnsiConsole console, PipelineReport report)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("table");
        foreach (var name in new[] { "applied", "of them deletes", "superseded", "dead letters", "skipped", "held", "inserts" }) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var row in report.Tables)
        {
            table.AddRow(
                Markup.Escape(row.Table.ToString()), Number(row.Applied), Number(row.Deletes), Number(row.Superseded), Number(row.DeadLettered), Number(row.Skipped), Number(row.Held), Number(row.Inserts));
        }

        console.Write(table);
        var skipped = report.Skipped.OrderBy(s => s.Key).Select(s => $"{Number(s.Value)} {Words(s.Key)}").ToList();
        console.WriteLine($"{Number(report.Messages)} messages{(skipped.Count == 0 ? "" : $"; skipped by rule: {string.Join(", ", skipped)}")}");
        foreach (var stopped in report.Tables.Where(t => t.Stopped is not null)) Terminal.Error($"{stopped.Table} is stopped and {Number(stopped.Held)} of its changes wait: {stopped.Stopped}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Words(MessageKind kind) => kind switch
    {
        MessageKind.Tombstone => "tombstones",
        MessageKind.Heartbeat => "heartbeats",
        MessageKind.Transaction => "transaction boundaries",
        MessageKind.LogicalMessage => "logical messages",
        MessageKind.SchemaChange => "schema changes",
        MessageKind.Notification => "notifications",
        _ => kind.ToString(),
    };
}
