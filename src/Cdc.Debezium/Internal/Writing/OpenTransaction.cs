using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>The transaction whose changes are written, and how many of each table there were.</summary>
internal sealed class OpenTransaction
{
    private readonly Dictionary<TableId, long> counts = [];
    private readonly List<TableId> tables = [];
    private string id = "";
    private long total;

    public bool IsOpen => id.Length > 0;

    /// <summary>When it was committed: microseconds since 1970-01-01 UTC.</summary>
    public long Time { get; private set; }

    /// <summary>The position of its commit.</summary>
    public ulong Commit { get; private set; }

    public void Begin(ChangeEvent first)
    {
        End();
        id = Encoding.UTF8.GetString(first.TransactionId.Span);
        (Time, Commit) = (first.SourceTimestamp, first.Version.Commit);
    }

    public void End()
    {
        (id, total) = ("", 0);
        counts.Clear();
        tables.Clear();
    }

    /// <summary>The id as Debezium writes it: it differs from event to event, only what stands before the colon is the transaction's.</summary>
    public string IdAt(ulong position) => string.Create(CultureInfo.InvariantCulture, $"{id}:{position}");

    /// <summary>Writes the place of the change that comes next.</summary>
    public void WritePlace(Utf8JsonWriter json, ChangeEvent change)
    {
        if (!Holds(change))
        {
            json.WriteNull("transaction"u8);
            return;
        }

        json.WriteStartObject("transaction"u8);
        json.WriteString("id"u8, IdAt(change.Version.Event));
        json.WriteNumber("total_order"u8, total + 1);
        json.WriteNumber("data_collection_order"u8, counts.GetValueOrDefault(change.Shape.Table) + 1);
        json.WriteEndObject();
    }

    /// <summary>Counts a change that was written. One that was refused is not there.</summary>
    public void Written(ChangeEvent change)
    {
        if (!Holds(change)) return;
        var table = change.Shape.Table;
        total++;
        if (!counts.TryGetValue(table, out var before)) tables.Add(table);
        counts[table] = before + 1;
    }

    /// <summary>Writes how many changes it had; a beginning does not know.</summary>
    public void WriteCounts(Utf8JsonWriter json, bool isEnd)
    {
        if (!isEnd)
        {
            json.WriteNull("event_count"u8);
            json.WriteNull("data_collections"u8);
            return;
        }

        json.WriteNumber("event_count"u8, total);
        json.WriteStartArray("data_collections"u8);
        foreach (var table in tables)
        {
            json.WriteStartObject();
            json.WriteString("data_collection"u8, $"{table.Schema}.{table.Name}");
            json.WriteNumber("event_count"u8, counts[table]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private bool Holds(ChangeEvent change) => IsOpen && !change.IsSnapshot && !change.TransactionId.IsEmpty;
}

/// <summary>The schema blocks of a transaction's boundaries.</summary>
internal static class TransactionSchemas
{
    public static readonly byte[] Key = """{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"}],"optional":false,"name":"io.debezium.connector.common.TransactionMetadataKey","version":1}"""u8.ToArray();

    public static readonly byte[] Value =
        """{"type":"struct","fields":[{"type":"string","optional":false,"field":"status"},{"type":"string","optional":false,"field":"id"},{"type":"int64","optional":true,"field":"event_count"},{"type":"array","items":{"type":"struct","fields":[{"type":"string","optional":false,"field":"data_collection"},{"type":"int64","optional":false,"field":"event_count"}],"optional":true,"name":"event.collection","version":1},"optional":true,"field":"data_collections"},{"type":"int64","optional":false,"field":"ts_ms"}],"optional":false,"name":"io.debezium.connector.common.TransactionMetadataValue","version":1}"""u8.ToArray();
}
