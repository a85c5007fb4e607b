namespace Cdc;

/// <summary>A table of the source, by the source's own names.</summary>
/// <param name="Database">The database, or an empty string where the message does not say it.</param>
/// <param name="Schema">The schema, or an empty string where the source has none (MySQL, MongoDB).</param>
/// <param name="Name">The table or collection.</param>
public readonly record struct TableId(string Database, string Schema, string Name)
{
    /// <summary>The schema where there is one, else the database: what a target's database is named after.</summary>
    public string Namespace => Schema.Length > 0 ? Schema : Database;

    /// <summary>The namespace and the name with a dot between, unquoted: for people, not for SQL.</summary>
    public override string ToString() => $"{Namespace}.{Name}";
}
