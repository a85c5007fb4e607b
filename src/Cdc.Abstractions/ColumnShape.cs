namespace Cdc;

/// <summary>One column of a table at its source.</summary>
/// <param name="Name">The column's name, exactly.</param>
/// <param name="Type">Its type.</param>
/// <param name="Nullable">Whether it may be NULL.</param>
public sealed record ColumnShape(string Name, SourceType Type, bool Nullable)
{
    /// <summary>
    /// The default that rows written before the column existed have at the source, encoded as the reader's cells are;
    /// null where there is none or it is unknown. <see cref="TableShape.DefaultCell"/> decodes it.
    /// </summary>
    public byte[]? Default { get; init; }
}
