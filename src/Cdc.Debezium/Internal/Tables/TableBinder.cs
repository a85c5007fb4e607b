using System.Collections.Immutable;
using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>Makes the shapes of tables out of schema blocks, or out of the catalog and the connector's modes. Equal shapes are one instance.</summary>
internal sealed class TableBinder(DebeziumOptions options, SourceCatalog? catalog)
{
    private const int WarningLimit = 1000;
    private static readonly string[] RouterFields = ["__dbz__physicalTableIdentifier", "__dbz__sourceIdentifier"];

    private readonly Dictionary<TableId, List<TableShape>> shapes = [];
    private readonly HashSet<string> warnings = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Warnings => warnings;

    public void Warn(string warning)
    {
        if (warnings.Count < WarningLimit) warnings.Add(warning);
    }

    /// <summary>Whether the catalog, or no catalog at all, can say something of a topic's flattened rows.</summary>
    public TableId? TableOfTopic(string topic) => TopicNames.Find(topic, options.TopicPrefix, catalog);

    /// <summary>Binds a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">The form of its key, or null.</param>
    /// <param name="schema">The schema of its values, or null.</param>
    /// <param name="names">The table's names as the message spells them.</param>
    /// <param name="isFlat">Whether the rows are flattened.</param>
    /// <param name="layout">What its versions are made of.</param>
    public TableBinding Bind(TableId table, KeyForm? key, ConnectSchema? schema, SourceNames names, bool isFlat, VersionLayout layout)
    {
        CatalogTable? known = null;
        catalog?.TryGet(table, out known);
        var columns = schema is not null ? Rows(schema, known, isFlat) : known is not null ? Columns(known) : throw Unknown(table);
        var fields = new int[key?.Names.Length ?? 0];
        var keyColumns = key is null ? OfCatalog(known, columns) : OfMessage(table, key, columns, fields);
        var shape = Intern(table, columns, keyColumns, layout);
        return new TableBinding(key, schema, names, shape, fields, Members(shape, schema is not null, isFlat), isFlat);
    }

    // Not the message's fault but the configuration's: the table stops, rather than all of its messages becoming dead letters.
    private static TableStoppedException Unknown(TableId table) => new(
        table,
        "its messages carry no schema block and it is not in the catalog, so their values cannot be told apart: give a SourceCatalog (--catalog FILE, or SourceCatalogFile.Read) and the connector's modes (--connector FILE, or DebeziumOptions.FromConnector), or set value.converter.schemas.enable=true");

    private ImmutableArray<ColumnShape> Columns(CatalogTable known)
    {
        foreach (var column in known.Columns)
        {
            if (!PostgresTypes.IsKnown(column.Type)) Warn($"{known.Table}.{column.Name} has the type {column.Type.Name}, which is unknown here: its values are taken as text or numbers, right for enumerations and wrong for domains over numeric, times or bytes, whose base type must be named in the catalog");
        }

        return [.. known.Columns.Select(column => column with { Type = CatalogForms.Apply(column.Type, options) })];
    }

    private ImmutableArray<ColumnShape> Rows(ConnectSchema schema, CatalogTable? known, bool isFlat)
    {
        var columns = isFlat ? schema.Columns.RemoveAll(column => IsAdded(column.Name, known)) : schema.Columns;
        return known is null || options.BinaryHandlingMode == BinaryHandlingMode.Bytes ? columns : [.. columns.Select(column => AsBytes(column, known))];
    }

    // Every binary.handling.mode but bytes makes the schema say string of bytes: only the catalog knows better.
    private ColumnShape AsBytes(ColumnShape column, CatalogTable known)
    {
        if ((column.Type.Element ?? column.Type).Kind != ValueKind.String) return column;
        var type = known.Columns.FirstOrDefault(c => c.Name == column.Name)?.Type;
        return (type?.Element ?? type)?.Kind == ValueKind.Bytes ? column with { Type = CatalogForms.Apply(type!, options) } : column;
    }

    private bool IsAdded(string name, CatalogTable? known) => FlatField.Of(name, options.AddFieldsPrefix) != -1 && known?.Columns.Any(column => column.Name == name) != true;

    private static ImmutableArray<ColumnShape> OfCatalog(CatalogTable? known, ImmutableArray<ColumnShape> columns) =>
        known is null ? [] : [.. known.Key.Select(name => columns.FirstOrDefault(column => column.Name == name)).OfType<ColumnShape>()];

    private ImmutableArray<ColumnShape> OfMessage(TableId table, KeyForm key, ImmutableArray<ColumnShape> columns, int[] fields)
    {
        var found = ImmutableArray.CreateBuilder<ColumnShape>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            var name = key.Names[i];
            var column = columns.FirstOrDefault(column => column.Name == name);
            var described = key.Schema?.Columns.FirstOrDefault(column => column.Name == name);
            fields[i] = -1;
            if (column is null && !options.KeepExtraKeyFields)
            {
                if (!RouterFields.Contains(name)) Warn($"{table}.{name} is in the keys but is no column: it is left out of the key (KeepExtraKeyFields = true keeps it)");
                continue;
            }

            fields[i] = found.Count;
            found.Add(described ?? column ?? new ColumnShape(name, new SourceType(ValueKind.String) { Encoding = (int)WireForm.Plain }, Nullable: false));
        }

        return found.ToImmutable();
    }

    private MemberTable Members(TableShape shape, bool hasSchema, bool isFlat) => new(name =>
    {
        var column = shape.IndexOf(name);
        if (column < 0) column = shape.IndexOf(ColumnNames.Repair(name));
        if (column >= 0) return column;
        if (isFlat)
        {
            var added = FlatField.Of(name, options.AddFieldsPrefix);
            if (added != -1) return added;
            if (name is "before" or "after" or "source" or "op" or "transaction" or "ts_ms" or "ts_us" or "ts_ns" or "status" or "event_count" or "data_collections") return FlatField.OfOthers;
        }

        Warn($"{shape.Table}.{ColumnNames.Repair(name)} is in the messages but not in the {(hasSchema ? "schema block" : "catalog")}");
        return -1;
    });

    private TableShape Intern(TableId table, ImmutableArray<ColumnShape> columns, ImmutableArray<ColumnShape> key, VersionLayout layout)
    {
        if (!shapes.TryGetValue(table, out var known)) shapes[table] = known = [];
        var shape = known.Find(other => other.VersionLayout == layout && AreEqual(other.Columns, columns) && AreEqual(other.Key, key));
        if (shape is null) known.Add(shape = new TableShape(table, columns, key, DebeziumDecoder.Instance, layout));
        return shape;
    }

    private static bool AreEqual(ImmutableArray<ColumnShape> left, ImmutableArray<ColumnShape> right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a.Name != b.Name || a.Nullable != b.Nullable || a.Type != b.Type || !a.Default.AsSpan().SequenceEqual(b.Default)) return false;
        }

        return true;
    }
}
