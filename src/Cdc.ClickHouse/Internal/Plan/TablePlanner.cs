using System.Collections.Immutable;
using System.Text;

namespace Cdc.ClickHouse.Internal.Plan;

/// <summary>Compares a shape with the target's table and decides what to do. It asks nobody and changes nothing.</summary>
internal sealed class TablePlanner
{
    private const int MaxNameBytes = 200;
    private readonly ClickHouseOptions options;
    private readonly ClickHouseTableOptions own;
    private readonly TableShape shape;
    private readonly ServerTable? existing;
    private readonly ServerVersion server;
    private readonly List<string> statements = [];
    private readonly List<string> notes = [];
    private readonly List<MappedColumn> mapped = [];
    private readonly List<PlannedColumn> created = [];
    private readonly Dictionary<string, string> renamed = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> key;

    private TablePlanner(TableShape shape, ServerTable? existing, ServerVersion server, ClickHouseOptions options)
    {
        this.options = options;
        this.shape = shape;
        this.existing = existing;
        this.server = server;
        own = options.For(shape.Table);
        (Database, Table) = Target(shape.Table, options);
        key = shape.Key.Length > 0 ? [.. shape.Key.Select(c => c.Name)]
            : own.Key is ["*"] ? [.. shape.Columns.Select(c => c.Name)]
            : [.. own.Key];
    }

    private string Database { get; }

    private string Table { get; }

    private bool Evolves => options.EffectiveNewColumn == NewColumnPolicy.Evolve;

    public static (string Database, string Table) Target(TableId table, ClickHouseOptions options)
    {
        var own = options.For(table);
        return (own.Database ?? options.Database ?? table.Namespace, own.Table ?? table.Name);
    }

    /// <param name="shape">What the messages carry.</param>
    /// <param name="existing">The target's table, or null where there is none.</param>
    /// <param name="hasView">Whether the target has the table's view.</param>
    /// <param name="server">The server's version.</param>
    /// <param name="options">The options.</param>
    public static TablePlan Plan(TableShape shape, ServerTable? existing, bool hasView, ServerVersion server, ClickHouseOptions options)
    {
        var planner = new TablePlanner(shape, existing, server, options);
        var refusal = planner.ShapeRefusal() ?? (existing is null ? planner.Create() : planner.Adapt(existing, hasView));
        return new TablePlan
        {
            Shape = shape,
            Database = planner.Database,
            Table = planner.Table,
            Statements = refusal is null ? planner.statements : [],
            Columns = [.. planner.mapped],
            Notes = planner.notes,
            HasOperation = existing?.Find(options.OperationColumn) is not null || existing is null,
            HasSourceTimestamp = existing?.Find(options.SourceTimestampColumn) is not null || existing is null,
            KeyIsOfRow = shape.Key.Length == 0,
            Refusal = refusal,
            Fence = existing is null ? default : SourceNote.ReadFence(existing.Comment),
        };
    }

    private string? ShapeRefusal()
    {
        var name = $"Tables[\"{shape.Table}\"].{nameof(ClickHouseTableOptions.Key)}";
        if (shape.VersionLayout == VersionLayout.None) return "its messages carry no version, so their order is unknown; have the connector send the source block";
        if (key.Count == 0)
        {
            return $"it has no key, so no row can be told from another. Give it a primary key (or a REPLICA IDENTITY USING INDEX that covers one) at the source, set {name} to columns that tell its rows apart, or set {name} to * if no two rows are equal";
        }

        if (shape.Key.Length > 0 && own.Key.Count > 0) return $"{name} is set, but its messages have a key ({string.Join(", ", key)}); remove the option";
        if (key.FirstOrDefault(k => shape.Key.Length == 0 && shape.IndexOf(k) < 0) is { } unknown) return $"{name} names {unknown}, which the table does not have";
        foreach (var column in shape.Columns)
        {
            if (options.TechnicalColumns.Contains(column.Name)) return $"its column {column.Name} has the name of one of the writer's own columns; give that another name ({nameof(ClickHouseOptions)}.…Column)";
        }

        return Names().Select(NameProblem).FirstOrDefault(p => p is not null);
    }

    private IEnumerable<string> Names() => [Database, Table, .. shape.Columns.Select(c => c.Name)];

    private static string? NameProblem(string name) =>
        name.Length == 0 ? "a name of it is empty; set Tables[…].Database or Table"
        : Encoding.UTF8.GetByteCount(name) > MaxNameBytes ? $"the name {name[..20]}… is longer than {MaxNameBytes} bytes, which the server cannot keep; set Tables[…].Table"
        : null;

    private string? Create()
    {
        var nullableKey = false;
        foreach (var column in Columns())
        {
            if (ColumnTypes.Wanted(column.Shape, OptionsOf(column.Shape), server) is not { Type: { } type } wanted) return Unknown(column.Shape);
            created.Add(new PlannedColumn(column.Shape.Name, type, TypeNote.Write(column.Shape, null, wanted.Remark)));
            nullableKey |= column.InSortingKey && ColumnTypes.IsNullable(type);
            Map(column, type, wanted.Remark);
        }

        var table = Ddl.CreateTable(Database, Table, created, [.. key], nullableKey, SourceNote.Write(shape.Table, shape.VersionLayout), options);
        if (!options.CreateTables) return $"{Database}.{Table} does not exist and {nameof(ClickHouseOptions.CreateTables)} is off; create it: {table}";
        statements.Add(Ddl.CreateDatabase(Database));
        statements.Add(table);
        if (options.Views) statements.Add(Ddl.View(Database, Table, created.Select(c => c.Name), replace: false));
        return null;
    }

    private string? Adapt(ServerTable table, bool hasView)
    {
        if (TableCheck.Refusal(table, [.. key], shape.VersionLayout, options) is { } refusal) return refusal;
        if (Evolves && options.Rename != RenamePolicy.Add && Rename(table) is { } doubt) return doubt;
        foreach (var column in Columns())
        {
            if (!renamed.ContainsValue(column.Shape.Name) && Adapt(table, column) is { } problem) return problem;
        }

        var names = mapped.Select(c => c.Name).Concat(Columns().Select(c => c.Shape.Name)).Concat(renamed.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var column in table.Columns)
        {
            // What the server fills by an expression is the server's; what it does not, an update must keep.
            if (column.DefaultKind.Length > 0 || names.Contains(column.Name) || options.TechnicalColumns.Contains(column.Name)) continue;
            mapped.Add(new MappedColumn(column.Name, column.Type, -1, -1, false));
        }

        if (hasView && options.Views && created.Count > 0)
        {
            var all = table.Columns.Where(c => c.IsStored && !options.TechnicalColumns.Contains(c.Name)).Select(c => renamed.GetValueOrDefault(c.Name, c.Name)).Union(created.Select(c => c.Name));
            statements.Add(Ddl.View(Database, Table, all, replace: true));
        }

        return null;
    }

    private string? Rename(ServerTable table)
    {
        var found = Renames.Find(table, [.. Columns().Select(c => c.Shape)]);
        if (found.Count == 0) return null;
        var (added, candidates) = found[0];
        var target = candidates[0];
        var note = TypeNote.Read(target.Comment)!;
        var planned = new PlannedColumn(added.Name, target.Type, TypeNote.Write(added, note with { FormerNames = note.FormerNames.Add(target.Name) }, null));
        string[] rename = [Ddl.RenameColumn(Database, Table, target.Name, planned), Ddl.CommentColumn(Database, Table, planned)];
        if (options.Rename == RenamePolicy.Stop || found.Count > 1 || candidates.Count > 1)
        {
            var add = Ddl.AddColumn(Database, Table, new PlannedColumn(added.Name, target.Type, TypeNote.Write(added, null, null)));
            return $"its messages have the new column {added.Name} and lack {string.Join(", ", candidates.Select(c => c.Name))} of the same type. If it was renamed, run {string.Join("; ", rename)}; "
                + $"if it is new, run {add}; then start again. To decide for all tables, set {nameof(ClickHouseOptions.Rename)} to Rename or Add";
        }

        statements.AddRange(rename);
        created.Add(planned);
        renamed.Add(target.Name, added.Name);
        Map(Columns().First(c => c.Shape.Name == added.Name), target.Type, null);
        return null;
    }

    private string? Adapt(ServerTable table, ShapeColumn column)
    {
        var source = column.Shape;
        if (ColumnTypes.Wanted(source, OptionsOf(source), server) is not { Type: { } wanted } rule) return Unknown(source);
        if (Renames.Target(table, source.Name) is not { } target) return Add(column, wanted, rule.Remark);
        if (!target.IsStored)
        {
            notes.Add($"{source.Name} is {target.DefaultKind} in the target: its values are left out");
            return null;
        }

        var note = TypeNote.Read(target.Comment);
        if (note is not null && note.Former.Contains(TypeNote.Spell(source.Type)))
        {
            notes.Add($"{source.Name} had the type {TypeNote.Spell(source.Type)} before it was replaced: values of that type are left out");
            return null;
        }

        // In a table of ours the column's type tells the source's: text that became a number is a change even where a String could hold both.
        var fits = ColumnTypes.CanEnter(source, target.Type, OptionsOf(source));
        if (note is not null && fits) fits = ColumnTypes.Same(wanted, target.Type) || ColumnTypes.Widens(wanted, target.Type) || OptionsOf(source)?.Type is not null;
        var nulls = Evolves && !column.InSortingKey && source.Nullable && ColumnTypes.IsNullable(wanted) && !ColumnTypes.IsNullable(target.Type);
        if (fits && !nulls)
        {
            Map(column, target.Type, rule.Remark, target.Name);
            return null;
        }

        var wider = fits ? ColumnTypes.Nullable(target.Type) : ColumnTypes.Join(target.Type, wanted);
        if (wider is not null && ColumnTypes.CanEnter(source, wider, OptionsOf(source))) return Widen(target, column, wider, note, rule.Remark);
        return Change(target, column, wanted, note, rule.Remark);
    }

    private string? Add(ShapeColumn column, string type, string? remark)
    {
        var source = column.Shape;
        var planned = new PlannedColumn(source.Name, type, TypeNote.Write(source, null, remark)) { Default = column.Index < 0 ? null : DefaultExpression.Of(shape, column.Index, type) };
        var statement = Ddl.AddColumn(Database, Table, planned);
        switch (options.EffectiveNewColumn)
        {
            case NewColumnPolicy.Ignore:
                notes.Add($"{source.Name} does not exist in the target: its values are left out");
                return null;
            case NewColumnPolicy.Stop:
                return $"{Database}.{Table} lacks the column {source.Name}; add it ({statement}) or set {nameof(ClickHouseOptions.NewColumn)} to Evolve or Ignore";
            default:
                statements.Add(statement);
                created.Add(planned);
                Map(column, type, remark);
                return null;
        }
    }

    private string? Widen(ServerColumn target, ShapeColumn column, string type, TypeNote? note, string? remark)
    {
        var planned = new PlannedColumn(target.Name, type, TypeNote.Write(column.Shape, note, remark));
        var statement = Ddl.ModifyColumn(Database, Table, planned);
        if (!Evolves || column.InSortingKey) return $"{target.Name} of {Database}.{Table} is {target.Type} and its source's type needs {type}; change it ({statement}), then start again";
        statements.Add(statement);
        created.Add(planned);
        Map(column, type, remark);
        return null;
    }

    private string? Change(ServerColumn target, ShapeColumn column, string wanted, TypeNote? note, string? remark)
    {
        var after = note is null ? null : note with { Former = note.Former.Add(TypeNote.Spell(note.Type)) };
        var planned = new PlannedColumn(target.Name, wanted, TypeNote.Write(column.Shape, after, remark));
        var statement = Ddl.ReplaceColumn(Database, Table, planned);
        if (options.TypeChange != TypeChangePolicy.Replace || column.InSortingKey)
        {
            return $"{target.Name} of {Database}.{Table} is {target.Type}, and values of the source's type {column.Shape.Type.Name ?? TypeNote.Spell(column.Shape.Type)} cannot enter it without loss; "
                + (column.InSortingKey ? "it is part of the key: write to a new table" : $"change the column, or set {nameof(ClickHouseOptions.TypeChange)} to Replace, which runs {statement}");
        }

        statements.Add(statement);
        created.Add(planned);
        Map(column, wanted, remark);
        return null;
    }

    private void Map(ShapeColumn column, string type, string? remark, string? name = null)
    {
        mapped.Add(new MappedColumn(name ?? column.Shape.Name, type, column.Index, column.KeyIndex, column.InSortingKey));
        if (remark is not null) notes.Add($"{column.Shape.Name}: {remark}");
    }

    private static string Unknown(ColumnShape column) =>
        $"the type {column.Type.Name ?? TypeNote.Spell(column.Type)} of {column.Name} has no counterpart; set Tables[…].Columns[\"{column.Name}\"].Type";

    private ClickHouseColumnOptions? OptionsOf(ColumnShape column) => own.Columns.TryGetValue(column.Name, out var found) ? found : null;

    /// <summary>The columns of the row, and those of the key that the row lacks.</summary>
    private IEnumerable<ShapeColumn> Columns()
    {
        for (var i = 0; i < shape.Columns.Length; i++)
        {
            var name = shape.Columns[i].Name;
            var keyIndex = shape.Key.IndexOf(shape.Key.FirstOrDefault(k => k.Name == name)!);
            // A key's column is as nullable as the key says: a message's row may say less of it.
            var column = keyIndex >= 0 ? shape.Columns[i] with { Nullable = shape.Key[keyIndex].Nullable } : shape.Columns[i];
            yield return new ShapeColumn(column, i, keyIndex, key.Contains(name));
        }

        for (var k = 0; k < shape.Key.Length; k++)
        {
            if (shape.IndexOf(shape.Key[k].Name) < 0) yield return new ShapeColumn(shape.Key[k], -1, k, true);
        }
    }

    private readonly record struct ShapeColumn(ColumnShape Shape, int Index, int KeyIndex, bool InSortingKey);
}
