using Cdc.Debezium.Internal.Json;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>How the messages of one table in one topic look: what is predicted of the next message, and verified.</summary>
internal sealed class TableBinding(KeyForm? key, ConnectSchema? schema, SourceNames names, TableShape shape, int[] keyColumns, MemberTable row, bool isFlat)
{
    public KeyForm? Key { get; } = key;

    public ConnectSchema? Schema { get; } = schema;

    /// <summary>The names of the table as the message spells them.</summary>
    public SourceNames Names { get; } = names;

    public TableShape Shape { get; } = shape;

    /// <summary>For each field of the key, its position in the shape's key; −1 for a field that is no column.</summary>
    public int[] KeyColumns { get; } = keyColumns;

    /// <summary>The members of a row; an index is a column's position, −1 an unknown column, or a <see cref="FlatField"/> below.</summary>
    public MemberTable Row { get; } = row;

    /// <summary>Whether the rows are flattened.</summary>
    public bool IsFlat { get; } = isFlat;

    /// <summary>The positions of the columns whose value may be left out of an update.</summary>
    public int[] Toastable { get; } = [.. Enumerable.Range(0, shape.Columns.Length).Where(i => CanBeUnavailable(shape.Columns[i].Type))];

    private static bool CanBeUnavailable(SourceType type) => type.Kind is ValueKind.String or ValueKind.Json or ValueKind.Bytes or ValueKind.Array
        or ValueKind.Map or ValueKind.Decimal or ValueKind.Number or ValueKind.Unknown or ValueKind.Geometry or ValueKind.Uuid or ValueKind.Enum;
}

/// <summary>The database, schema and table of a message as it spells them, or nothing where it does not.</summary>
internal sealed class SourceNames(byte[] database, byte[] schema, byte[] table)
{
    public static readonly SourceNames None = new([], [], []);

    public byte[] Database { get; } = database;

    public byte[] Schema { get; } = schema;

    public byte[] Table { get; } = table;

    public bool Are(ReadOnlySpan<byte> database, ReadOnlySpan<byte> schema, ReadOnlySpan<byte> table) =>
        table.SequenceEqual(Table) && schema.SequenceEqual(Schema) && database.SequenceEqual(Database);
}
