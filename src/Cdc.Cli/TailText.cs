using System.Globalization;
using System.Text;

namespace Cdc.Cli;

/// <summary>Changes for people: a line for each, below it a line for each column that it sets.</summary>
internal sealed class TailText(TextWriter output, bool hasColor) : ITailView
{
    private const string Red = "31", Green = "32", Yellow = "33", Magenta = "35", Grey = "90", Bold = "1";

    private string transaction = "";
    private long changes;

    public void EndTransaction()
    {
        if (transaction.Length == 0) return;
        Line(Paint(Grey, string.Create(CultureInfo.InvariantCulture, $"COMMIT {transaction}, {changes:N0} {(changes == 1 ? "change" : "changes")} shown")));
        (transaction, changes) = ("", 0);
    }

    public void Show(ChangeEvent change)
    {
        if (transaction.Length == 0)
        {
            transaction = Encoding.UTF8.GetString(change.TransactionId.Span);
            Line(Paint(Grey, string.Create(CultureInfo.InvariantCulture, $"BEGIN {transaction}, committed at {TailCell.Lsn(change.Version.Commit)}, {TailCell.Time(change):yyyy-MM-dd HH:mm:ss.ffffff}Z")));
        }

        changes++;
        var (color, word) = change.Operation switch
        {
            ChangeOperation.Insert => (Green, "INSERT"),
            ChangeOperation.Update => (Yellow, "UPDATE"),
            ChangeOperation.Delete => (Red, "DELETE"),
            _ => (Magenta, "TRUNCATE"),
        };
        var table = change.Shape.Table;
        var moved = change.OldKey.IsPresent ? $" {Paint(Grey, $"moved from {Key(change.OldKey)}")}" : "";
        Line($"{Paint(Grey, string.Create(CultureInfo.InvariantCulture, $"{TailCell.Time(change):HH:mm:ss.ffffff}"))} {Paint(color, word)} {Paint(Bold, Name($"{table.Schema}.{table.Name}"))} {Key(change.Key)}{moved} {Paint(Grey, $"version {change.Version}")}");
        if (change.After.IsPresent) ShowAfter(change);
        else if (change.Before.IsPresent) ShowBefore(change);
    }

    private void ShowAfter(ChangeEvent change)
    {
        var (before, after) = (change.Before, change.After);
        for (var i = 0; i < after.Columns.Length; i++)
        {
            var name = after.Columns[i].Name;
            var isKey = change.Shape.Key.Any(k => k.Name == name);
            switch (after.GetState(i))
            {
                case CellState.Absent:
                    break;
                case CellState.Unavailable:
                    Column(name, Paint(Grey, "(large, unchanged and not sent)"));
                    break;
                default:
                    var now = TailCell.Short(after[i]);
                    if (!before.IsPresent || before.GetState(i) is not (CellState.Value or CellState.Null))
                    {
                        if (!isKey) Column(name, Paint(Green, now));
                    }
                    else if (IsChanged(before, after, i))
                    {
                        Column(name, $"{Paint(Red, TailCell.Short(before[i]))} → {Paint(Green, now)}");
                    }

                    break;
            }
        }
    }

    private void ShowBefore(ChangeEvent change)
    {
        for (var i = 0; i < change.Before.Columns.Length; i++)
        {
            var name = change.Before.Columns[i].Name;
            if (change.Before.GetState(i) is CellState.Value or CellState.Null && !change.Shape.Key.Any(k => k.Name == name)) Column(name, Paint(Red, TailCell.Short(change.Before[i])));
        }
    }

    // The bytes decide: two values whose beginnings are alike differ.
    private static bool IsChanged(RowImage before, RowImage after, int column) =>
        before.GetState(column) != after.GetState(column) || before[column].Token != after[column].Token || !before[column].Raw.SequenceEqual(after[column].Raw);

    private static string Key(RowImage key)
    {
        var parts = new List<string>();
        for (var i = 0; i < key.Columns.Length; i++) parts.Add($"{Name(key.Columns[i].Name)}={TailCell.Short(key[i])}");
        return string.Join(' ', parts);
    }

    private void Column(string name, string value) => Line($"    {Name(name)}: {value}");

    // A column's name may hold anything.
    private static string Name(string name) => name.Any(char.IsControl) ? System.Text.Json.JsonSerializer.Serialize(name) : name;

    private string Paint(string color, string text) => hasColor ? $"\u001b[{color}m{text}\u001b[0m" : text;

    private void Line(string text) => output.Write(text + "\n");
}
