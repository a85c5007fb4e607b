using Cdc.Postgres.Internal.Values;

namespace Cdc.Postgres.Internal.Protocol;

/// <summary>The shape of a relation, and where its key stands in its tuples.</summary>
internal sealed class TableBinding
{
    public TableBinding(Relation relation, byte[] message)
    {
        Relation = relation;
        Message = message;
        Key = relation.Key;
        var columns = relation.Columns.Select(c => new ColumnShape(c.Name, PgTypes.Of(in c), !c.IsNotNull) { Default = c.Missing }).ToArray();
        Shape = new TableShape(new TableId(relation.Database, relation.Schema, relation.Name), [.. columns], [.. Key.Select(k => columns[k])], PgDecoder.Instance, VersionLayout.Log);
        SendsKey = relation.Identity == 'f' || Key.All(k => relation.Columns[k].IsIdentity);
        IsBinary = [.. columns.Select(c => PgTypes.ReadsBinary(c.Type))];
    }

    public Relation Relation { get; }

    /// <summary>The message that it was made of.</summary>
    public byte[] Message { get; }

    public TableShape Shape { get; }

    /// <summary>Positions of the key's columns in a tuple.</summary>
    public int[] Key { get; }

    /// <summary>Whether an old tuple holds the whole key.</summary>
    public bool SendsKey { get; }

    /// <summary>Which columns of a snapshot's row are in binary; the others are text.</summary>
    public bool[] IsBinary { get; }
}
