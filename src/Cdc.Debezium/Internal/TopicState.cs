using System.Collections.Immutable;
using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Order;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>What was learned of one topic: how its keys and values look, its tables, and the order of its partitions.</summary>
internal sealed class TopicState(string topic, byte? fixedEpoch)
{
    private const int Limit = 512;

    private readonly List<KeyForm> keyForms = [];
    private readonly List<TableBinding> bindings = [];
    private readonly Dictionary<int, PartitionOrder> partitions = [];
    private PartitionOrder? lastOrder;
    private int lastPartition = -1;

    public string Topic { get; } = topic;

    public Wrapping Keys { get; } = new();

    public Wrapping Values { get; } = new();

    /// <summary>The form of the values that came without a schema; null before the first.</summary>
    public PayloadForm? Form { get; set; }

    public KeyForm? LastKey { get; private set; }

    public TableBinding? Last { get; private set; }

    /// <summary>Whether messages of more than one table were seen.</summary>
    public bool HasSeveralTables { get; private set; }

    public PartitionOrder Order(int partition)
    {
        if (partition == lastPartition) return lastOrder!;
        if (!partitions.TryGetValue(partition, out var order)) partitions[partition] = order = new PartitionOrder(fixedEpoch);
        lastPartition = partition;
        return lastOrder = order;
    }

    /// <summary>The table that a message with this key and schema most likely is of.</summary>
    public TableBinding? Predict(KeyForm? key, ConnectSchema? schema, bool isFlat)
    {
        if (Last is not null && Last.Key == key && Last.Schema == schema && Last.IsFlat == isFlat) return Last;
        foreach (var binding in bindings)
        {
            if (binding.Key == key && binding.Schema == schema && binding.IsFlat == isFlat) return binding;
        }

        return null;
    }

    /// <summary>The table of a message, if it was seen.</summary>
    public TableBinding? Find(KeyForm? key, ConnectSchema? schema, ReadOnlySpan<byte> database, ReadOnlySpan<byte> schemaName, ReadOnlySpan<byte> table, VersionLayout layout, bool isFlat)
    {
        foreach (var binding in bindings)
        {
            if (binding.Key == key && binding.Schema == schema && binding.Shape.VersionLayout == layout && binding.IsFlat == isFlat && binding.Names.Are(database, schemaName, table)) return binding;
        }

        return null;
    }

    /// <summary>A table of this topic that was seen with a key.</summary>
    public TableBinding? WithKey(TableId table, ConnectSchema? schema) => bindings.FindLast(binding => binding.Key is not null && binding.Schema == schema && binding.Shape.Table == table);

    public void Add(TableBinding binding)
    {
        HasSeveralTables |= bindings.Exists(other => other.Shape.Table != binding.Shape.Table);
        if (bindings.Count == Limit) bindings.Clear();
        bindings.Add(binding);
    }

    public void Use(TableBinding binding) => Last = binding;

    /// <summary>Reads a key.</summary>
    public KeyForm ReadKey(ref JsonCursor cursor, ConnectSchema? schema, ref KeyField[] fields)
    {
        var start = cursor;
        if (LastKey is not null && LastKey.Schema == schema && Try(LastKey, ref cursor, ref fields)) return LastKey;

        var names = KeyForm.NamesOf(start);
        var form = FormOf(schema, names);
        cursor = start;
        if (!Try(form, ref cursor, ref fields)) throw cursor.Problem("the fields of the key cannot be told apart");
        return LastKey = form;
    }

    private KeyForm FormOf(ConnectSchema? schema, ImmutableArray<string> names)
    {
        if (keyForms.Find(known => known.Schema == schema && known.Names.AsSpan().SequenceEqual(names.AsSpan())) is { } known) return known;
        if (keyForms.Count == Limit) keyForms.Clear();
        var form = new KeyForm(schema, names);
        keyForms.Add(form);
        return form;
    }

    private static bool Try(KeyForm form, ref JsonCursor cursor, ref KeyField[] fields)
    {
        if (fields.Length < form.Names.Length) fields = new KeyField[form.Names.Length];
        return form.TryRead(ref cursor, fields);
    }

    public string? Save(int partition) => partitions.TryGetValue(partition, out var order) ? order.Save() : null;

    /// <exception cref="FormatException">The text is no state.</exception>
    public void Restore(int partition, long position, string? state)
    {
        partitions[partition] = PartitionOrder.Restore(fixedEpoch, position, state);
        lastPartition = -1;
    }

    public void Forget(int partition, long below)
    {
        if (partitions.TryGetValue(partition, out var order)) order.Forget(below);
    }
}
