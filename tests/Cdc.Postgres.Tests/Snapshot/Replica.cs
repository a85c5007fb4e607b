using System.Buffers.Binary;
using System.Text;

namespace Cdc.Postgres.Tests.Snapshot;

/// <summary>
/// What a target would hold: tables of an integer id and a text, the largest version of a row wins. It reads snapshot messages and
/// pgoutput's messages by itself, so that a test of the versions depends on nothing of the library but the messages.
/// </summary>
internal sealed class Replica
{
    private const int SnapshotRank = 0, ChangeRank = 8;

    private readonly Dictionary<(string Table, int Id), (RowVersion Version, bool IsDeleted, string? Text)> rows = [];
    private readonly Dictionary<(string Topic, int Partition), ulong> versions = [];
    private readonly Dictionary<uint, string> relations = [];

    /// <summary>Rows whose unchanged value was not sent and that are not there: a sink would refuse them.</summary>
    public List<string> Unavailable { get; } = [];

    public int SnapshotRows { get; private set; }

    /// <summary>The version of the snapshot rows read last.</summary>
    public ulong SnapshotVersion { get; private set; }

    public IReadOnlyList<string> Lines(string table) =>
        [.. rows.Where(r => r.Key.Table == table && !r.Value.IsDeleted).OrderBy(r => r.Key.Id).Select(r => $"{r.Key.Id}={r.Value.Text ?? "NULL"}")];

    /// <summary>Makes a row wrong, as a fault of a target would.</summary>
    public void Damage(string table, int id) => rows[(table, id)] = rows[(table, id)] with { Text = "damaged" };

    /// <summary>A message of a snapshot.</summary>
    public void Snapshot(in SourceMessage message)
    {
        var value = message.Value!.Value.Span;
        switch ((char)value[0])
        {
            case 'R':
                Assert.Equal(0, message.Offset);
                break;
            case '{':
                Assert.Equal(1, message.Offset);
                versions[(message.Topic, message.Partition)] = SnapshotVersion = BinaryPrimitives.ReadUInt64BigEndian(value[1..]);
                break;
            case '|':
                SnapshotRows++;
                var at = 1 + 2;
                var id = BinaryPrimitives.ReadInt32BigEndian(Field(value, ref at));
                var text = BinaryPrimitives.ReadInt32BigEndian(value[at..]) < 0 ? null : Encoding.UTF8.GetString(Field(value, ref at));
                Put(message.Topic["snapshot:".Length..], id, new RowVersion(0, versions[(message.Topic, message.Partition)], 0, SnapshotRank), false, text);
                break;
            default:
                Assert.Equal('}', (char)value[0]);
                break;
        }
    }

    /// <summary>A Relation, Insert, Update or Delete message of the stream.</summary>
    public void Stream(ReadOnlySpan<byte> message, ulong lsn, ulong commit)
    {
        var at = 5;
        var table = BinaryPrimitives.ReadUInt32BigEndian(message[1..]);
        var version = new RowVersion(0, commit, lsn, ChangeRank);
        switch ((char)message[0])
        {
            case 'R':
                relations[table] = $"{Name(message, ref at)}.{Name(message, ref at)}";
                break;
            case 'I':
                var inserted = Tuple(message[6..], out _);
                Put(relations[table], int.Parse(inserted[0]!), version, false, inserted[1]);
                break;
            case 'U':
                var at2 = 6;
                if (message[5] is (byte)'K' or (byte)'O')
                {
                    var old = Tuple(message[6..], out var length);
                    Put(relations[table], int.Parse(old[0]!), version, true, null);
                    at2 = 6 + length + 1;
                }

                var updated = Tuple(message[at2..], out _);
                var id = int.Parse(updated[0]!);
                var text = updated[1];
                if (text == "\u0001unavailable")
                {
                    if (!rows.TryGetValue((relations[table], id), out var row) || row.IsDeleted)
                    {
                        Unavailable.Add($"{relations[table]} {id}");
                        break;
                    }

                    text = row.Text;
                }

                Put(relations[table], id, version, false, text);
                break;
            case 'D':
                Put(relations[table], int.Parse(Tuple(message[6..], out _)[0]!), version, true, null);
                break;
        }
    }

    private void Put(string table, int id, RowVersion version, bool isDeleted, string? text)
    {
        if (!rows.TryGetValue((table, id), out var row) || version >= row.Version) rows[(table, id)] = (version, isDeleted, text);
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> value, ref int at)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(value[at..]);
        var field = value.Slice(at + 4, length);
        at += 4 + length;
        return field;
    }

    private static string Name(ReadOnlySpan<byte> message, ref int at)
    {
        var length = message[at..].IndexOf((byte)0);
        var name = Encoding.UTF8.GetString(message.Slice(at, length));
        at += length + 1;
        return name;
    }

    private static string?[] Tuple(ReadOnlySpan<byte> tuple, out int length)
    {
        var values = new string?[BinaryPrimitives.ReadInt16BigEndian(tuple)];
        var at = 2;
        for (var i = 0; i < values.Length; i++)
        {
            switch ((char)tuple[at++])
            {
                case 'n':
                    break;
                case 'u':
                    values[i] = "\u0001unavailable";
                    break;
                default:
                    values[i] = Encoding.UTF8.GetString(Field(tuple, ref at));
                    break;
            }
        }

        length = at;
        return values;
    }
}
