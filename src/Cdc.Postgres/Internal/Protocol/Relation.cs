using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cdc.Postgres.Internal.Protocol;

/// <summary>
/// A Relation message of pgoutput. The source writes behind its bytes what the catalog knows besides (the database, the primary key, the types'
/// names, NOT NULL), so that a message says all that its reader must know; a bare one is read as far as the types are built in.
/// </summary>
internal sealed record Relation(uint Oid, string Schema, string Name, char Identity, RelationColumn[] Columns)
{
    private const byte Format = 1;

    public string Database { get; init; } = "";

    /// <summary>Positions in <see cref="Columns"/> of the key's columns, in its order; empty without one.</summary>
    public int[] Key { get; init; } = [];

    /// <summary>Reads a message.</summary>
    /// <exception cref="ProtocolProblem">It is none.</exception>
    public static Relation Read(ReadOnlySpan<byte> message)
    {
        var bytes = new WireReader(message);
        bytes.Byte();
        var oid = bytes.UInt32();
        var schema = bytes.Text();
        var name = bytes.Text();
        var identity = (char)bytes.Byte();
        var columns = new RelationColumn[bytes.UInt16()];
        for (var i = 0; i < columns.Length; i++)
        {
            var isIdentity = (bytes.Byte() & 1) != 0;
            columns[i] = new RelationColumn(bytes.Text(), isIdentity, bytes.UInt32(), (int)bytes.UInt32());
        }

        // An empty name of the schema is pg_catalog.
        var relation = new Relation(oid, schema.Length == 0 ? "pg_catalog" : schema, name, identity, columns);
        return bytes.AtEnd ? Bare(relation) : Described(relation, ref bytes);
    }

    /// <summary>Writes the bare message and what the catalog adds.</summary>
    public byte[] Write()
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        bytes.Write("R"u8);
        UInt32(bytes, Oid);
        Text(bytes, Schema == "pg_catalog" ? "" : Schema);
        Text(bytes, Name);
        bytes.Write([(byte)Identity]);
        UInt16(bytes, Columns.Length);
        foreach (var column in Columns)
        {
            bytes.Write([column.IsIdentity ? (byte)1 : (byte)0]);
            Text(bytes, column.Name);
            UInt32(bytes, column.Type);
            UInt32(bytes, (uint)column.TypeModifier);
        }

        bytes.Write([Format]);
        Text(bytes, Database);
        UInt16(bytes, Key.Length);
        foreach (var position in Key) UInt16(bytes, position);
        foreach (var column in Columns)
        {
            bytes.Write([(byte)((column.IsNotNull ? 1 : 0) | (column.IsArray ? 2 : 0) | (column.Labels is null ? 0 : 4) | (column.Missing is null ? 0 : 8)), (byte)column.Kind]);
            Text(bytes, column.TypeName);
            Text(bytes, column.BaseName);
            UInt32(bytes, (uint)column.Modifier);
            if (column.Labels is not null) Text(bytes, column.Labels);
            if (column.Missing is null) continue;
            UInt32(bytes, (uint)column.Missing.Length);
            bytes.Write(column.Missing);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static Relation Described(Relation bare, ref WireReader bytes)
    {
        if (bytes.Byte() != Format) throw new ProtocolProblem("the Relation message is of another version of this library");
        var database = bytes.Text();
        var key = new int[bytes.UInt16()];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = bytes.UInt16();
            if (key[i] >= bare.Columns.Length) throw new ProtocolProblem("the Relation message has a key outside its columns");
        }

        for (var i = 0; i < bare.Columns.Length; i++)
        {
            ref var column = ref bare.Columns[i];
            var flags = bytes.Byte();
            column.Kind = (char)bytes.Byte();
            column.IsNotNull = (flags & 1) != 0;
            column.IsArray = (flags & 2) != 0;
            column.TypeName = bytes.Text();
            column.BaseName = bytes.Text();
            column.Modifier = (int)bytes.UInt32();
            if ((flags & 4) != 0) column.Labels = bytes.Text();
            if ((flags & 8) != 0) column.Missing = bytes.Take((int)bytes.UInt32()).ToArray();
        }

        if (!bytes.AtEnd) throw new ProtocolProblem("the Relation message has bytes behind its end");
        return bare with { Database = database, Key = key };
    }

    private static Relation Bare(Relation relation)
    {
        for (var i = 0; i < relation.Columns.Length; i++)
        {
            ref var column = ref relation.Columns[i];
            (column.BaseName, column.IsArray) = BuiltInTypes.Find(column.Type);
            column.TypeName = column.IsArray ? $"{column.BaseName}[]" : column.BaseName;
            column.Modifier = column.TypeModifier;
            column.IsNotNull = relation.Identity is 'd' or 'i' && column.IsIdentity;
        }

        var key = relation.Identity is 'd' or 'i' ? Enumerable.Range(0, relation.Columns.Length).Where(i => relation.Columns[i].IsIdentity) : [];
        return relation with { Key = [.. key] };
    }

    private static void Text(ArrayBufferWriter<byte> bytes, string text)
    {
        bytes.Advance(Encoding.UTF8.GetBytes(text, bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        bytes.Write([(byte)0]);
    }

    private static void UInt32(ArrayBufferWriter<byte> bytes, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.GetSpan(4), value);
        bytes.Advance(4);
    }

    private static void UInt16(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.GetSpan(2), checked((ushort)value));
        bytes.Advance(2);
    }
}
