using System.Collections.Immutable;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>A table as the catalog describes it.</summary>
internal sealed record TableDescription(uint Oid, string Schema, string Name, ImmutableArray<ColumnDescription> Columns)
{
    /// <summary>relkind: <c>r</c> a table, <c>p</c> a partitioned one.</summary>
    public required char Kind { get; init; }

    /// <summary>relpersistence: <c>p</c> logged, <c>u</c> unlogged, <c>t</c> temporary.</summary>
    public required char Persistence { get; init; }

    /// <summary>relreplident: <c>d</c> primary key, <c>i</c> an index, <c>f</c> the full row, <c>n</c> nothing.</summary>
    public required char Identity { get; init; }

    /// <summary>The columns of the primary key, in its order; empty without one.</summary>
    public required ImmutableArray<string> Key { get; init; }

    /// <summary>The columns of the index of REPLICA IDENTITY USING INDEX; empty without one.</summary>
    public required ImmutableArray<string> IdentityIndex { get; init; }

    /// <summary>Whether the primary key is checked at commit only: then the order of changes inside a transaction may lie.</summary>
    public required bool IsKeyDeferrable { get; init; }

    /// <summary>The partitions that hold rows, for a partitioned table.</summary>
    public required ImmutableArray<uint> Leaves { get; init; }

    /// <summary>Rows by the planner's estimate, partitions included; −1 for a table that was never analyzed.</summary>
    public required double EstimatedRows { get; init; }

    public string Sql => SqlName.Quote(Schema, Name);

    public TableId Id(string database) => new(database, Schema, Name);

    /// <summary>Whether an update may leave values out: TOAST-able columns that the replica identity does not carry.</summary>
    public bool MayLeaveValuesOut => Identity != 'f' && Columns.Any(c => c.IsToastable);
}

/// <summary>A column as the catalog describes it. Dropped columns are not among them.</summary>
/// <param name="Number">attnum.</param>
/// <param name="Name">attname.</param>
/// <param name="Type">atttypid.</param>
/// <param name="TypeModifier">atttypmod; −1 where there is none.</param>
/// <param name="TypeName">The type as <c>format_type</c> writes it.</param>
/// <param name="IsNotNull">attnotnull, or a domain that forbids NULL.</param>
/// <param name="Generated">attgenerated: <c>s</c> stored, <c>v</c> virtual, NUL for neither.</param>
/// <param name="IsToastable">Whether a value of it may be moved out of the row.</param>
internal sealed record ColumnDescription(short Number, string Name, uint Type, int TypeModifier, string TypeName, bool IsNotNull, char Generated, bool IsToastable);

/// <summary>A type as the catalog describes it.</summary>
/// <param name="Oid">pg_type.oid.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">typname.</param>
/// <param name="Kind">typtype: <c>b</c> base, <c>c</c> composite, <c>d</c> domain, <c>e</c> enumeration, <c>r</c> range, <c>m</c> multirange.</param>
/// <param name="Element">The element's type of a true array, else 0.</param>
/// <param name="Base">The type under a domain, else 0.</param>
/// <param name="BaseModifier">The modifier of the type under a domain, else −1.</param>
/// <param name="Labels">The labels of an enumeration in their order, else empty.</param>
internal sealed record TypeDescription(uint Oid, string Schema, string Name, char Kind, uint Element, uint Base, int BaseModifier, ImmutableArray<string> Labels)
{
    /// <summary>Whether the server can send it in binary.</summary>
    public bool HasBinaryOutput { get; init; }
}
