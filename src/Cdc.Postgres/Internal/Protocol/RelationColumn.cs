namespace Cdc.Postgres.Internal.Protocol;

/// <summary>A column of a Relation message and what the catalog adds to it.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="IsIdentity">Whether it is part of the replica identity.</param>
/// <param name="Type">The type's oid.</param>
/// <param name="TypeModifier">The modifier.</param>
internal record struct RelationColumn(string Name, bool IsIdentity, uint Type, int TypeModifier)
{
    /// <summary>Whether it forbids NULL.</summary>
    public bool IsNotNull { get; set; }

    /// <summary>The type as people write it.</summary>
    public string TypeName { get; set; } = "";

    /// <summary>The name in pg_type of the type under domains, of an array's element.</summary>
    public string BaseName { get; set; } = "";

    /// <summary>typtype of that type.</summary>
    public char Kind { get; set; } = 'b';

    /// <summary>Its modifier.</summary>
    public int Modifier { get; set; } = -1;

    public bool IsArray { get; set; }

    /// <summary>The labels of an enumeration, comma-separated; null for none.</summary>
    public string? Labels { get; set; }

    /// <summary>The value that rows written before the column existed have, as text; null for none.</summary>
    public byte[]? Missing { get; set; }
}
