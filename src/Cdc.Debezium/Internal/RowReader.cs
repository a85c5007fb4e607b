using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>Reads rows into the images of an event, by the columns that a table is predicted to have.</summary>
internal sealed class RowReader(bool refuseUnknown)
{
    private ChangeEvent change = null!;
    private ReadOnlyMemory<byte> json;

    /// <summary>The table that is predicted; null: rows are only passed over.</summary>
    public TableBinding? Binding { get; private set; }

    public string BeforePath { get; private set; } = "";

    public string AfterPath { get; private set; } = "";

    public void Begin(ChangeEvent change, ReadOnlyMemory<byte> json, TableBinding? binding, bool isWrapped)
    {
        this.change = change;
        this.json = json;
        Binding = binding;
        BeforePath = isWrapped ? "$.payload.before" : "$.before";
        AfterPath = isWrapped ? "$.payload.after" : "$.after";
    }

    public int TakeBefore(ref JsonCursor cursor) => Take(ref cursor, change.Before, BeforePath);

    public int TakeAfter(ref JsonCursor cursor) => Take(ref cursor, change.After, AfterPath);

    private int Take(ref JsonCursor cursor, RowImage image, string path)
    {
        cursor.Peek();
        var start = cursor.Position;
        if (Binding is null) cursor.SkipValue();
        else Read(ref cursor, Binding, image, path);
        return start;
    }

    /// <summary>Reads a row of an envelope.</summary>
    public void Read(ref JsonCursor cursor, TableBinding binding, RowImage image, string path)
    {
        image.Begin(binding.Shape, ofKey: false, json, path);
        for (var member = binding.Row.Enter(ref cursor); member is not null; member = binding.Row.Next(ref cursor, member))
        {
            var token = cursor.TakeValue(out var start, out var length);
            if (member.Index >= 0) Set(image, member.Index, token, start, length, in cursor);
            else if (refuseUnknown) throw Unknown(in cursor);
        }
    }

    /// <summary>Reads a flattened row with what was added to it.</summary>
    /// <returns>Whether a member stands in it that is no column and was not added: it may be no row at all.</returns>
    public bool ReadFlat(ref JsonCursor cursor, TableBinding binding, RowImage image, string path, Envelope added, out bool isDeleted)
    {
        image.Begin(binding.Shape, ofKey: false, json, path);
        isDeleted = false;
        var hasOthers = false;
        for (var member = binding.Row.Enter(ref cursor); member is not null; member = binding.Row.Next(ref cursor, member))
        {
            var token = cursor.TakeValue(out var start, out var length);
            if (member.Index >= 0) Set(image, member.Index, token, start, length, in cursor);
            else if (member.Index <= FlatField.Other) FlatFields.Take(in cursor, member.Index, token, start, length, added, ref isDeleted);
            else if (member.Index == FlatField.OfOthers || !refuseUnknown) hasOthers = true;
            else throw Unknown(in cursor);
        }

        return hasOthers;
    }

    private static void Set(RowImage image, int column, byte token, int start, int length, in JsonCursor cursor)
    {
        if (image.GetState(column) != CellState.Absent) throw cursor.Problem("a column stands there twice");
        if (token == 0) image.Set(column, CellState.Null, 0, start, 0);
        else image.Set(column, CellState.Value, token, start, length);
    }

    private static MessageProblem Unknown(in JsonCursor cursor) => cursor.Problem("a column is not in the catalog (UnknownColumns = Refuse)");
}
