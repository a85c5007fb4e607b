using Cdc.ClickHouse;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>Compares two accounts of the same log: what differs is a loss of Debezium's, by name, or a difference.</summary>
internal sealed class SameEvents
{
    // REPLICA IDENTITY USING INDEX: Debezium takes the index's columns for the key, and makes up the real one.
    private const string IndexTable = "ident.idx";

    // Debezium's snapshot reads the root as well as its partitions; the stream knows the partitions only.
    private const string PartitionedTable = "ident.parted";

    private readonly HashSet<(TableShape, TableShape)> shapes = [];

    public List<string> Differences { get; } = [];

    public List<string> Losses { get; } = [];

    /// <summary>How many cells were compared.</summary>
    public int Cells { get; private set; }

    public void Compare(SourceEvents ours, SourceEvents theirs)
    {
        Equal("logical messages", ours.LogicalMessages, theirs.LogicalMessages);
        CompareRefusals(ours.Refusals, theirs.Refusals);
        Equal("transactions", string.Join(' ', ours.Transactions.Except(theirs.Transactions)), string.Join(' ', theirs.Transactions.Except(ours.Transactions)));
        CompareSnapshots(ours, theirs);

        // In the order of the versions all changes, in the order of delivery those of each table.
        // A truncate of several tables has one version for all of them.
        var pairs = Pair("all tables", InOrder(ours), InOrder(theirs));
        foreach (var (mine, other) in pairs) CompareChange(mine, other);
        foreach (var table in ours.Streamed.GroupBy(c => c.Shape.Table)) Pair(table.Key.ToString(), [.. table], [.. theirs.Streamed.Where(c => c.Shape.Table == table.Key)]);
    }

    private static List<ChangeEvent> InOrder(SourceEvents events) => [.. events.Streamed.OrderBy(c => c.Version.Value).ThenBy(c => c.Shape.Table.ToString(), StringComparer.Ordinal)];

    private void CompareRefusals(List<string> ours, List<string> theirs)
    {
        Equal("refusals", string.Join("; ", ours.Distinct()), string.Join("; ", theirs.Distinct()));
        if (theirs.Count > ours.Count) Losses.Add("REPLICA IDENTITY USING INDEX: a change of the index's columns deletes a row of a made-up key");
    }

    private void CompareSnapshots(SourceEvents ours, SourceEvents theirs)
    {
        var rows = theirs.Snapshot.GroupBy(Row).ToDictionary(r => r.Key, r => new Queue<ChangeEvent>(r));
        foreach (var mine in ours.Snapshot)
        {
            if (rows.TryGetValue(Row(mine), out var same) && same.TryDequeue(out var other)) CompareChange(mine, other, withVersion: false);
            else Differences.Add($"{Describe(mine)}: Debezium's snapshot has no such row");
        }

        foreach (var row in rows.Values.SelectMany(r => r))
        {
            if (row.Shape.Table.ToString() == PartitionedTable) Losses.Add("rows of partitions come as rows of their root too, in the snapshot only");
            else Differences.Add($"{Describe(row)}: our snapshot has no such row");
        }

        var newest = ours.Snapshot.Concat(theirs.Snapshot).Max(c => c.Version.Value);
        foreach (var change in ours.Streamed.Concat(theirs.Streamed).Where(c => c.Version.Value <= newest))
        {
            if (change.Version.Commit == 0 && change.Version.Event > 0) Losses.Add("the first transaction has no commit position");
            else Differences.Add($"{Describe(change)}: a change loses to a row of the snapshot");
        }
    }

    private static string Row(ChangeEvent change) => $"{change.Shape.Table} {(change.Key.IsPresent ? Text(change.Key) : Text(change.After))}";

    private List<(ChangeEvent Ours, ChangeEvent Theirs)> Pair(string what, List<ChangeEvent> ours, List<ChangeEvent> theirs)
    {
        for (var i = 0; i < Math.Min(ours.Count, theirs.Count); i++)
        {
            if (Line(ours[i]) == Line(theirs[i])) continue;
            if (IsSplitByIndex(ours[i], theirs[i])) continue;
            Differences.Add($"{what}, change {i}: ours {Line(ours[i])}, Debezium's {Line(theirs[i])}");
            return [];
        }

        if (ours.Count != theirs.Count) Differences.Add($"{what}: ours {ours.Count} changes, Debezium's {theirs.Count}");
        return [.. ours.Zip(theirs)];
    }

    private static bool IsSplitByIndex(ChangeEvent ours, ChangeEvent theirs) =>
        ours.Shape.Table.ToString() == IndexTable && (ours.Operation, theirs.Operation) == (ChangeOperation.Update, ChangeOperation.Insert) && ours.Version.Event == theirs.Version.Event && Text(ours.Key) == Text(theirs.Key);

    // The delete of a row whose key changed has the rank below its insert here.
    private static bool IsLeft(ChangeEvent ours, ChangeEvent theirs) =>
        ours.Operation == ChangeOperation.Delete && (ours.Version.Rank, theirs.Version.Rank) == (RowVersion.ChangeRank - 1, RowVersion.ChangeRank) && (ours.Version.Epoch, ours.Version.Event) == (theirs.Version.Epoch, theirs.Version.Event);

    private static string Line(ChangeEvent change) => $"{change.Shape.Table} {change.Operation} at {change.Version.Event} of {SourceEvents.TransactionOf(change)} key {Text(change.Key)}";

    private void CompareChange(ChangeEvent ours, ChangeEvent theirs, bool withVersion = true)
    {
        var where = Describe(ours);
        CompareShapes(ours.Shape, theirs.Shape);
        Equal($"{where} key", Text(ours.Key), Text(theirs.Key));
        if (IsSplitByIndex(ours, theirs))
        {
            CompareRows($"{where} after", ours.After, theirs.After, ours.IsSnapshot);
            return;
        }

        Equal($"{where} old key", Text(ours.OldKey), Text(theirs.OldKey));
        if (withVersion) Equal($"{where} source time", ours.SourceTimestamp, theirs.SourceTimestamp);
        var isMoved = ours.OldKey.IsPresent && ours.Operation == ChangeOperation.Insert;
        if (withVersion && IsLeft(ours, theirs)) Losses.Add("both halves of a change of key have one version");
        else if (withVersion && (ours.Version.Epoch, ours.Version.Event, ours.Version.Rank) != (theirs.Version.Epoch, theirs.Version.Event, theirs.Version.Rank)) Differences.Add($"{where}: version {ours.Version}, Debezium's {theirs.Version}");
        if (isMoved && !theirs.Before.IsPresent) Losses.Add("the row before a change of key");
        else CompareRows($"{where} before", ours.Before, theirs.Before, ours.IsSnapshot, isBefore: true);
        CompareRows($"{where} after", ours.After, theirs.After, ours.IsSnapshot);
    }

    private void CompareRows(string where, RowImage ours, RowImage theirs, bool isSnapshot, bool isBefore = false)
    {
        if (!ours.IsPresent && !theirs.IsPresent) return;
        if (ours.IsPresent != theirs.IsPresent)
        {
            Differences.Add($"{where}: {(ours.IsPresent ? "only ours" : "only Debezium's")}");
            return;
        }

        for (var i = 0; i < ours.Columns.Length; i++)
        {
            var column = ours.Columns[i];
            var position = IndexOf(theirs, column.Name);
            var mine = Text(ours, i);
            var other = position < 0 ? "<Absent>" : Text(theirs, position);
            // Outside of REPLICA IDENTITY FULL Debezium's row before has NULL where nothing is known.
            if (mine == "<Absent>" && isBefore) continue;
            Cells++;
            if (mine == other || (position >= 0 && IsSameInstant(ours, i, theirs, position))) continue;
            if (Loss.Of(column.Type, mine, other, isSnapshot) is { } loss) Losses.Add(loss);
            else Differences.Add($"{where} {column.Name} ({column.Type.Name}): {Short(mine)}, Debezium's {Short(other)}");
        }
    }

    private void CompareShapes(TableShape ours, TableShape theirs)
    {
        if (!shapes.Add((ours, theirs))) return;
        Equal($"{ours.Table} table", ours.Table, theirs.Table);
        Equal($"{ours.Table} key", string.Join(',', ours.Key.Select(k => k.Name)), string.Join(',', theirs.Key.Select(k => k.Name)));
        var mine = Types(ours);
        var others = Types(theirs);
        foreach (var name in mine.Keys.Union(others.Keys))
        {
            var (column, type, other) = (ours.Columns.FirstOrDefault(c => c.Name == name), mine.GetValueOrDefault(name), others.GetValueOrDefault(name));
            if (type == other) continue;
            if (Loss.OfColumn(column?.Type, type, other) is { } loss) Losses.Add(loss);
            else Differences.Add($"{ours.Table} {name}: {type}, Debezium's {other}");
        }
    }

    private static Dictionary<string, string> Types(TableShape shape) => ClickHouseWriter.Plan(shape, new ClickHouseOptions { Endpoint = new Uri("http://127.0.0.1") }).Columns.ToDictionary(c => c.Name, c => c.Type);

    private void Equal<T>(string what, T ours, T theirs)
    {
        if (!EqualityComparer<T>.Default.Equals(ours, theirs)) Differences.Add($"{what}: {ours}, Debezium's {theirs}");
    }

    private static string Describe(ChangeEvent change) => $"{change.Shape.Table} {Text(change.Key)} {change.Operation}";

    private static string Text(RowImage image) => image.IsPresent ? string.Join('|', Enumerable.Range(0, image.Columns.Length).Select(i => Text(image, i))) : "-";

    private static string Text(RowImage image, int column)
    {
        if (image.GetState(column) != CellState.Value) return $"<{image.GetState(column)}>";
        return image[column].GetString();
    }

    // Their texts may have more zeros at the end: Debezium has no digits for timestamps of less than a thousandth, and none for those with a zone.
    private static bool IsSameInstant(RowImage ours, int mine, RowImage theirs, int other) =>
        ours.Columns[mine].Type.Kind is ValueKind.Timestamp or ValueKind.ZonedTimestamp && ours.GetState(mine) == CellState.Value && theirs.GetState(other) == CellState.Value
        && ours[mine].GetTimestamp(6) == theirs[other].GetTimestamp(6);

    private static string Short(string text) => text.Length > 100 ? $"{text[..100]}… ({text.Length})" : text;

    private static int IndexOf(RowImage image, string name)
    {
        for (var i = 0; i < image.Columns.Length; i++)
        {
            if (image.Columns[i].Name == name) return i;
        }

        return -1;
    }
}
