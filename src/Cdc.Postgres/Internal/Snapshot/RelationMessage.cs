using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Cdc.Postgres.Internal.Setup;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>The Relation message that pgoutput would send for a table, so that snapshot and stream share one parser.</summary>
internal static class RelationMessage
{
    public static byte[] Write(PublishedTable published)
    {
        var table = published.Table;
        var bytes = new ArrayBufferWriter<byte>(256);
        bytes.Write("R"u8);
        Int32(bytes, unchecked((int)table.Oid));
        Text(bytes, table.Schema);
        Text(bytes, table.Name);
        bytes.Write([(byte)table.Identity]);
        BinaryPrimitives.WriteInt16BigEndian(bytes.GetSpan(2), checked((short)published.Columns.Count));
        bytes.Advance(2);
        foreach (var column in published.Columns)
        {
            var isKey = table.Identity switch
            {
                'f' => true,
                'd' => table.Key.Contains(column.Name),
                'i' => table.IdentityIndex.Contains(column.Name),
                _ => false,
            };
            bytes.Write([isKey ? (byte)1 : (byte)0]);
            Text(bytes, column.Name);
            Int32(bytes, unchecked((int)column.Type));
            Int32(bytes, column.TypeModifier);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void Int32(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes.GetSpan(4), value);
        bytes.Advance(4);
    }

    private static void Text(ArrayBufferWriter<byte> bytes, string text)
    {
        bytes.Write(Encoding.UTF8.GetBytes(text));
        bytes.Write([(byte)0]);
    }
}
