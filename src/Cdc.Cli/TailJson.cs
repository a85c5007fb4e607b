using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cdc.Cli;

/// <summary>Changes as JSON, one object a line, every value whole.</summary>
internal sealed class TailJson(TextWriter output) : ITailView
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    public void EndTransaction()
    {
        // Every object names its transaction.
    }

    public void Show(ChangeEvent change)
    {
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, TailCell.Json)) Write(change, writer);
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    private static void Write(ChangeEvent change, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("time", TailCell.Time(change));
        writer.WriteString("operation", change.Operation.ToString().ToLowerInvariant());
        writer.WriteString("schema", change.Shape.Table.Schema);
        writer.WriteString("table", change.Shape.Table.Name);
        writer.WriteString("transaction", change.TransactionId.Span);
        writer.WriteString("commit", TailCell.Lsn(change.Version.Commit));
        writer.WriteString("lsn", TailCell.Lsn(change.Version.Event));
        writer.WriteString("version", change.Version.ToString());
        var unread = new List<(string Column, string Problem)>();
        Row("key", change.Key);
        Row("oldKey", change.OldKey);
        Row("before", change.Before);
        Row("after", change.After);
        Unavailable(change.After, writer);
        if (unread.Count > 0)
        {
            writer.WriteStartObject("unreadable");
            foreach (var (column, problem) in unread.DistinctBy(u => u.Column)) writer.WriteString(column, problem);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();

        void Row(string name, RowImage row)
        {
            if (!row.IsPresent) return;
            writer.WriteStartObject(name);
            for (var i = 0; i < row.Columns.Length; i++)
            {
                if (row.GetState(i) is CellState.Absent or CellState.Unavailable) continue;
                try
                {
                    // Before its name is written: what cannot be read must not break the line.
                    var value = TailCell.Whole(row[i]);
                    writer.WritePropertyName(row.Columns[i].Name);
                    writer.WriteRawValue(value, skipInputValidation: true);
                }
                catch (CdcException failure)
                {
                    unread.Add((row.Columns[i].Name, failure.Message));
                }
            }

            writer.WriteEndObject();
        }
    }

    private static void Unavailable(RowImage after, Utf8JsonWriter writer)
    {
        var isOpen = false;
        for (var i = 0; i < after.Columns.Length; i++)
        {
            if (after.GetState(i) != CellState.Unavailable) continue;
            if (!isOpen) writer.WriteStartArray("unavailable");
            isOpen = true;
            writer.WriteStringValue(after.Columns[i].Name);
        }

        if (isOpen) writer.WriteEndArray();
    }
}
