using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>
/// How one table is read: which blocks are which partitions, under which version, and what every later reading must see.
/// The ledger keeps it, so that a run after a crash numbers the ranges alike and goes on at the first that is not finished.
/// </summary>
/// <param name="Schema">The table's schema.</param>
/// <param name="Name">The table's name.</param>
/// <param name="Table">The table's oid.</param>
internal sealed record SnapshotPlan(string Schema, string Name, uint Table)
{
    public const string LedgerPrefix = "snapshot-plan:";

    public const string TopicPrefix = "snapshot:";

    /// <summary>How often a process may open another session before the partitions of the first are used again.</summary>
    public const int Sessions = 256;

    /// <summary>The rows' version: every transaction whose commit lies below it is seen by <see cref="Floor"/>, every other is streamed.</summary>
    public required ulong Version { get; init; }

    /// <summary>The snapshot under which reading began. A later one must cover it.</summary>
    public required TransactionSnapshot Floor { get; init; }

    /// <summary>The number of the first range's partition.</summary>
    public required int FirstPartition { get; init; }

    /// <summary>The relations that hold the rows, in the order of their ranges.</summary>
    public required ImmutableArray<PlannedRelation> Relations { get; init; }

    /// <summary>Whether every range is durable.</summary>
    public bool IsFinished { get; init; }

    /// <summary>The topic of the rows.</summary>
    public string Topic => TopicPrefix + TopicName(Schema, Name);

    /// <summary>The plan of a table that is not published any more: it is nobody's, so that the table is a new one when it comes back.</summary>
    public SnapshotPlan Withdrawn => this with { Table = 0, IsFinished = true };

    public string LedgerTopic => LedgerPrefix + TopicName(Schema, Name);

    public int RangeCount => Relations.Sum(r => r.RangeCount);

    /// <summary>The first partition that no plan of the table has used: behind the ranges stands one for each relation and session, for what changed in it.</summary>
    public int EndPartition => FirstPartition + RangeCount + (Sessions * Relations.Length);

    public LedgerEntry Entry => new(new Checkpoint(LedgerTopic, 0, FirstPartition), "", ToJson());

    /// <summary>The topic of a table's rows.</summary>
    public static string TopicOf(string schema, string name) => TopicPrefix + TopicName(schema, name);

    /// <summary>A table's part of a topic: unambiguous whatever the names hold.</summary>
    public static string TopicName(string schema, string name) => $"{Part(schema)}.{Part(name)}";

    public IEnumerable<SnapshotRange> Ranges()
    {
        var partition = FirstPartition;
        foreach (var relation in Relations)
        {
            for (var i = 0; i < relation.RangeCount; i++)
            {
                var isLast = i == relation.RangeCount - 1;
                yield return new SnapshotRange(partition++, relation.Oid, i * relation.Step, isLast ? null : (i + 1) * relation.Step);
            }
        }
    }

    public string ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("name", Name);
            json.WriteNumber("table", Table);
            json.WriteNumber("version", Version);
            json.WriteString("floor", Floor.ToString());
            json.WriteNumber("first", FirstPartition);
            json.WriteBoolean("finished", IsFinished);
            json.WriteStartArray("relations");
            foreach (var relation in Relations)
            {
                json.WriteStartArray();
                json.WriteNumberValue(relation.Oid);
                json.WriteNumberValue(relation.FileNode);
                json.WriteNumberValue(relation.Step);
                json.WriteNumberValue(relation.RangeCount);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <exception cref="ChangeFormatException">The text is no plan.</exception>
    public static SnapshotPlan Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new SnapshotPlan(root.GetProperty("schema").GetString()!, root.GetProperty("name").GetString()!, root.GetProperty("table").GetUInt32())
            {
                Version = root.GetProperty("version").GetUInt64(),
                Floor = TransactionSnapshot.Parse(root.GetProperty("floor").GetString()!),
                FirstPartition = root.GetProperty("first").GetInt32(),
                IsFinished = root.GetProperty("finished").GetBoolean(),
                Relations = [.. root.GetProperty("relations").EnumerateArray().Select(r => new PlannedRelation(r[0].GetUInt32(), r[1].GetUInt32(), r[2].GetInt64(), r[3].GetInt32()))],
            };
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new ChangeFormatException("The ledger's plan of a snapshot is not one of this version. Remove the entries of its table from the ledger: the table is read anew.", failure);
        }
    }

    private static string Part(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$') ? name : Setup.SqlName.Quote(name);
}

/// <summary>A relation that holds rows of a planned table: the table itself or a partition of it.</summary>
/// <param name="Oid">Its oid.</param>
/// <param name="FileNode">Its file when it was planned: another file has its rows at other places.</param>
/// <param name="Step">Blocks of a range.</param>
/// <param name="RangeCount">How many ranges; the last has no end.</param>
internal sealed record PlannedRelation(uint Oid, uint FileNode, long Step, int RangeCount);
