using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Order;
using Cdc.Debezium.Internal.Tables;
using Cdc.Debezium.Internal.Values;

namespace Cdc.Debezium.Internal;

/// <summary>The reading of one message, on state that is reused for the next.</summary>
internal sealed class ChangeReading(DebeziumOptions options, TableBinder binder)
{
    private readonly Envelope envelope = new();
    private readonly RowReader rows = new(options.UnknownColumns == UnknownColumns.Refuse);
    private readonly UnavailableValue unavailable = new(options.UnavailableValuePlaceholder);
    private readonly KeyChange keyChange = new(options.MaxDepth);
    private KeyField[] keyFields = new KeyField[8];
    private ReadOnlyMemory<byte>? keyBytes;
    private KeyForm? key;
    private string keyPath = "$";
    private TableBinding? bound;
    private bool isDeleted;
    private bool isClassified;
    private int payloadStart;

    /// <summary>Whether the last message was the delete of a row, refused or not.</summary>
    public bool IsDelete { get; private set; }

    /// <summary>The key of the last message.</summary>
    public ReadOnlySpan<byte> KeyBytes => keyBytes is { } bytes ? bytes.Span : default;

    public MessageKind Read(in SourceMessage message, ChangeEvent change, TopicState topic, PartitionOrder order)
    {
        IsDelete = false;
        key = null;
        keyBytes = message.Key;
        if (message.Value is not { } value) return ReadTombstone(in message, change, topic, order, schema: null);
        if (value.Length > options.MaxMessageBytes) throw new MessageProblem($"the value is longer than MaxMessageBytes ({options.MaxMessageBytes})");
        var cursor = topic.Values.Open(value, options.MaxDepth, out var schema, out var tail);
        if (cursor.TryTakeNull())
        {
            Wrapping.Close(ref cursor, tail);
            return ReadTombstone(in message, change, topic, order, schema);
        }

        if (cursor.Peek() != '{') throw cursor.Problem("the value is no JSON object: one change event a message is expected, written by JsonConverter");
        payloadStart = cursor.Position;
        var start = cursor;
        isClassified = schema is not null || topic.Form is null;
        var form = schema is not null ? FormOf(schema) : topic.Form ?? Classify(cursor, in message, topic);
        if (form is PayloadForm.Envelope or PayloadForm.Row) ReadKey(in message, topic);
        var kind = ReadPayload(ref cursor, form, in message, change, topic, schema);
        if (kind is null && !isClassified)
        {
            cursor = start;
            form = Classify(cursor, in message, topic);
            isClassified = true;
            if (form is PayloadForm.Envelope or PayloadForm.Row) ReadKey(in message, topic);
            kind = ReadPayload(ref cursor, form, in message, change, topic, schema);
        }

        if (kind is null) throw new MessageProblem("the envelope has no op or no source", path: "$");
        Wrapping.Close(ref cursor, tail);
        if (kind == MessageKind.Change) Complete(in message, change, topic, order, schema, form == PayloadForm.Row);
        return kind.Value;
    }

    private MessageKind? ReadPayload(ref JsonCursor cursor, PayloadForm form, in SourceMessage message, ChangeEvent change, TopicState topic, ConnectSchema? schema)
    {
        envelope.Clear();
        switch (form)
        {
            case PayloadForm.Envelope:
                rows.Begin(change, message.Value!.Value, topic.Predict(key, schema, isFlat: false), schema is not null);
                envelope.Read(ref cursor, rows);
                if (envelope.Operation == 'm' && envelope.HasSource) return MessageKind.LogicalMessage;
                return envelope.Operation != 0 && envelope.HasSource ? MessageKind.Change : null;
            case PayloadForm.Row:
                return ReadFlat(ref cursor, in message, change, topic, schema);
            default:
                cursor.SkipValue();
                return form switch
                {
                    PayloadForm.LogicalMessage => MessageKind.LogicalMessage,
                    PayloadForm.Heartbeat => MessageKind.Heartbeat,
                    PayloadForm.Transaction => MessageKind.Transaction,
                    PayloadForm.SchemaChange => MessageKind.SchemaChange,
                    _ => MessageKind.Notification,
                };
        }
    }

    private PayloadForm FormOf(ConnectSchema schema) => schema.Form == PayloadForm.Row && options.Flattened == false
        ? throw new MessageProblem("the value is no change event, and no other record of the connector either: its schema is no envelope", path: "$.schema.name")
        : schema.Form;

    /// <summary>Looks at every member. Only the forms of changes are predicted of the next message: taking a change for anything else would lose it.</summary>
    private PayloadForm Classify(JsonCursor cursor, in SourceMessage message, TopicState topic)
    {
        var isHeartbeat = message.Topic.StartsWith(options.HeartbeatPrefix, StringComparison.Ordinal) || (message.Key is { } bytes && bytes.Span.IndexOf("\"serverName\""u8) >= 0);
        var form = Classifier.Classify(cursor, isHeartbeat, options.Flattened);
        if (form is PayloadForm.Envelope or PayloadForm.Row) topic.Form = form;
        return form;
    }

    private void ReadKey(in SourceMessage message, TopicState topic)
    {
        if (message.Key is not { } bytes || key is not null) return;
        try
        {
            if (bytes.Length > options.MaxMessageBytes) throw new MessageProblem($"the key is longer than MaxMessageBytes ({options.MaxMessageBytes})");
            var cursor = topic.Keys.Open(bytes, options.MaxDepth, out var schema, out var tail);
            if (cursor.TryTakeNull())
            {
                Wrapping.Close(ref cursor, tail);
                return;
            }

            if (cursor.Peek() != '{') throw cursor.Problem("the key is no JSON object: set key.converter=org.apache.kafka.connect.json.JsonConverter");
            key = topic.ReadKey(ref cursor, schema, ref keyFields);
            Wrapping.Close(ref cursor, tail);
            keyPath = schema is null ? "key $" : "key $.payload";
        }
        catch (MessageProblem problem) when (!problem.InKey)
        {
            throw new MessageProblem(problem.Message, problem.Position, problem.Path, inKey: true);
        }
    }

    private MessageKind? ReadFlat(ref JsonCursor cursor, in SourceMessage message, ChangeEvent change, TopicState topic, ConnectSchema? schema)
    {
        var start = cursor;
        var binding = topic.Predict(key, schema, isFlat: true);
        var path = schema is null ? "$" : "$.payload";
        isDeleted = false;
        if (binding is not null)
        {
            rows.Begin(change, message.Value!.Value, binding, schema is not null);
            if (rows.ReadFlat(ref cursor, binding, change.After, path, envelope, out isDeleted) && !isClassified) return null;
            if (IsOf(binding, cursor.Json, isFlat: true))
            {
                bound = binding;
                return MessageKind.Change;
            }
        }

        cursor = start;
        envelope.Clear();
        FlatFields.Scan(cursor, options.AddFieldsPrefix, envelope);
        bound = Bind(message.Topic, cursor.Json, topic, schema, isFlat: true);
        rows.Begin(change, message.Value!.Value, bound, schema is not null);
        return rows.ReadFlat(ref cursor, bound, change.After, path, envelope, out isDeleted) && !isClassified ? null : MessageKind.Change;
    }

    private TableBinding Bind(string topicName, ReadOnlySpan<byte> json, TopicState topic, ConnectSchema? schema, bool isFlat)
    {
        var database = envelope.Database.Of(json);
        var schemaName = envelope.Schema.Of(json);
        var table = envelope.Table.Of(json);
        var layout = LayoutOf(isFlat);
        if (topic.Find(key, schema, database, schemaName, table, layout, isFlat) is { } known) return known;
        var id = new TableId(JsonNames.Unescape(database), JsonNames.Unescape(schemaName), JsonNames.Unescape(table));
        if (isFlat && (id.Name.Length == 0 || id.Namespace.Length == 0)) id = OfTopic(topicName, id);
        if (id.Name.Length == 0) throw new MessageProblem("the source names no table", path: "$.source.table");
        var binding = binder.Bind(id, key, schema, new SourceNames(database.ToArray(), schemaName.ToArray(), table.ToArray()), isFlat, layout);
        topic.Add(binding);
        return binding;
    }

    private TableId OfTopic(string topic, TableId told)
    {
        var found = binder.TableOfTopic(topic) ?? throw new MessageProblem(
            "the flattened row does not say its table and the topic is not prefix.schema.table: add table, schema and db to add.fields, or set TopicPrefix");
        return new TableId(told.Database, told.Schema.Length > 0 ? told.Schema : found.Schema, told.Name.Length > 0 ? told.Name : found.Name);
    }

    private VersionLayout LayoutOf(bool isFlat) => options.Versioning switch
    {
        VersionPolicy.Offset => VersionLayout.Offset,
        VersionPolicy.Log => VersionLayout.Log,
        _ => envelope.Sequence.Length > 0 && (isFlat || envelope.IsPostgres) ? VersionLayout.Log : VersionLayout.Offset,
    };

    private bool IsOf(TableBinding binding, ReadOnlySpan<byte> json, bool isFlat) =>
        binding.Names.Are(envelope.Database.Of(json), envelope.Schema.Of(json), envelope.Table.Of(json)) && binding.Shape.VersionLayout == LayoutOf(isFlat);

    /// <summary>Verifies the table that was predicted, or finds the right one and reads the rows again, then fills in the rest.</summary>
    private void Complete(in SourceMessage message, ChangeEvent change, TopicState topic, PartitionOrder order, ConnectSchema? schema, bool isFlat)
    {
        var value = message.Value!.Value;
        var operation = OperationOf(isFlat);
        IsDelete = operation == ChangeOperation.Delete;
        if (!isFlat) VerifyTable(in message, change, topic, schema);
        topic.Use(bound!);
        var shape = bound!.Shape;
        if (operation == ChangeOperation.Truncate && key is null && topic.WithKey(shape.Table, schema) is { } keyed) shape = keyed.Shape;
        change.Shape = shape;
        change.Operation = operation;
        change.IsSnapshot = operation == ChangeOperation.Read;
        change.SourceTimestamp = envelope.Time;
        if (envelope.Transaction.Length > 0) change.TransactionId = value.Slice(envelope.Transaction.Start, envelope.Transaction.Length);
        if (operation == ChangeOperation.Truncate) Clear(change);
        else CheckRows(change, isFlat);
        change.Version = VersionOf(in message, shape, order, operation);
        if (operation == ChangeOperation.Truncate) return;
        FillKey(change, shape);
        if (IsDelete) CheckKey(in message, change);
        var changesKey = operation == ChangeOperation.Insert && keyChange.TryFill(in message, change, shape);
        if (operation == ChangeOperation.Update || changesKey) MarkUnavailable(change.After, bound!);
    }

    private void VerifyTable(in SourceMessage message, ChangeEvent change, TopicState topic, ConnectSchema? schema)
    {
        var value = message.Value!.Value;
        bound = rows.Binding;
        if (bound is not null && IsOf(bound, value.Span, isFlat: false)) return;
        bound = Bind(message.Topic, value.Span, topic, schema, isFlat: false);
        if (envelope.Before >= 0) ReadAgain(change.Before, envelope.Before, rows.BeforePath, value.Span);
        if (envelope.After >= 0) ReadAgain(change.After, envelope.After, rows.AfterPath, value.Span);
    }

    private void ReadAgain(RowImage image, int start, string path, ReadOnlySpan<byte> json)
    {
        var cursor = new JsonCursor(json, options.MaxDepth, start);
        rows.Read(ref cursor, bound!, image, path);
    }

    private ChangeOperation OperationOf(bool isFlat)
    {
        if (isFlat && isDeleted) return ChangeOperation.Delete;
        return envelope.Operation switch
        {
            (byte)'c' => ChangeOperation.Insert,
            (byte)'u' => ChangeOperation.Update,
            (byte)'d' => ChangeOperation.Delete,
            (byte)'r' => ChangeOperation.Read,
            (byte)'t' => ChangeOperation.Truncate,
            0 when isFlat => ChangeOperation.Update,
            _ => throw new MessageProblem("the operation is none of c, u, d, r, t, m", path: isFlat ? $"$.{options.AddFieldsPrefix}op" : "$.op"),
        };
    }

    private static void Clear(ChangeEvent change)
    {
        change.Before.Clear();
        change.After.Clear();
    }

    private void CheckRows(ChangeEvent change, bool isFlat)
    {
        if (!IsDelete)
        {
            if (!change.After.IsPresent) throw new MessageProblem("an insert, update or read has no row", path: rows.AfterPath);
            return;
        }

        if (!isFlat)
        {
            if (change.After.IsPresent) throw new MessageProblem("a delete has a row after it", path: rows.AfterPath);
            return;
        }

        var path = change.After.Path;
        var json = change.After.Bytes;
        var cursor = new JsonCursor(json.Span, options.MaxDepth, payloadStart);
        rows.ReadFlat(ref cursor, bound!, change.Before, path, envelope, out _);
        change.After.Clear();
    }

    private void FillKey(ChangeEvent change, TableShape shape)
    {
        if (shape.Key.IsEmpty) return;
        if (key is not null) KeyImages.FromMessage(change.Key, shape, bound!.KeyColumns, keyFields, keyBytes!.Value, keyPath);
        else if ((change.After.IsPresent ? change.After : change.Before) is { IsPresent: true } row) KeyImages.FromRow(change.Key, shape, row);
    }

    private void CheckKey(in SourceMessage message, ChangeEvent change)
    {
        if (!change.Key.IsPresent) return;
        var table = change.Shape.Table;
        var identity = options.ReplicaIdentities.Count == 0 ? ReplicaIdentity.Unknown : options.ReplicaIdentities.GetValueOrDefault(table.ToString());
        if (!MadeUpKeys.IsMadeUp(change.Shape, change.Key, change.Before, identity)) return;
        throw new ValueRefusedException(
            table,
            change.Key.Columns[0].Name,
            RefusalReason.Key,
            "the key of this delete looks made up (REPLICA IDENTITY USING INDEX sends the columns of the index only), so it names no row: set REPLICA IDENTITY DEFAULT or FULL on the source's table; if the table is FULL already, say so in ReplicaIdentities")
        {
            Topic = message.Topic,
            Partition = message.Partition,
            Offset = message.Offset,
        };
    }

    private RowVersion VersionOf(in SourceMessage message, TableShape shape, PartitionOrder order, ChangeOperation operation)
    {
        var rank = operation switch
        {
            ChangeOperation.Read => RowVersion.SnapshotRank,
            ChangeOperation.Truncate => RowVersion.TruncateRank,
            _ => RowVersion.ChangeRank,
        };
        if (shape.VersionLayout != VersionLayout.Log) return order.ByOffset(message.Offset, rank);
        if (envelope.Sequence.Length == 0) throw new MessageProblem("the message carries no sequence (Versioning = Log): add source.sequence to add.fields, or set Versioning", path: "$.source.sequence");
        SequenceText.Parse(envelope.Sequence.Of(message.Value!.Value.Span), out var commit, out var position);
        return order.ByLog(message.Offset, shape.Table, commit, operation == ChangeOperation.Read ? 0 : position, rank, envelope.Time);
    }

    private void MarkUnavailable(RowImage after, TableBinding binding)
    {
        foreach (var column in binding.Toastable)
        {
            if (after.GetState(column) != CellState.Value) continue;
            var cell = after[column];
            if (unavailable.Is(cell.Type, cell.Token, cell.Raw)) after.Set(column, CellState.Unavailable, 0, 0, 0);
        }
    }

    private MessageKind ReadTombstone(in SourceMessage message, ChangeEvent change, TopicState topic, PartitionOrder order, ConnectSchema? schema)
    {
        if (message.Key is not { } bytes)
        {
            if (!order.IsDecided(message.Offset) && !order.FollowsItsDelete(default)) binder.Warn($"a null value without key came in {message.Topic}: if it stands for a delete, it names no row");
            return MessageKind.Tombstone;
        }

        var layout = topic.Last?.Shape.VersionLayout ?? (options.Versioning == VersionPolicy.Offset ? VersionLayout.Offset : VersionLayout.Log);
        if (order.Tombstone(message.Offset, bytes.Span, layout, options.Flattened == false) is not { } version) return MessageKind.Tombstone;
        ReadKey(in message, topic);
        if (key is null) return MessageKind.Tombstone;
        bound = TableOfTombstone(in message, topic, schema, layout);
        change.Shape = bound.Shape;
        change.Operation = ChangeOperation.Delete;
        change.Version = version;
        FillKey(change, bound.Shape);
        if (!change.Key.IsPresent) throw new MessageProblem("a null value deletes a row, but the table has no key", path: "$");
        CheckKey(in message, change);
        return MessageKind.Change;
    }

    private TableBinding TableOfTombstone(in SourceMessage message, TopicState topic, ConnectSchema? schema, VersionLayout layout)
    {
        if (topic.HasSeveralTables) throw new MessageProblem("a null value deletes a row of a topic that holds several tables, and does not say of which");
        if (topic.Last is { } last) return last.Key == key ? last : binder.Bind(last.Shape.Table, key, last.Schema, last.Names, last.IsFlat, layout);
        var table = binder.TableOfTopic(message.Topic) ?? throw new MessageProblem("a null value deletes a row, and neither an earlier message nor the topic's name says of which table");
        return binder.Bind(table, key, schema?.Form == PayloadForm.Row ? schema : null, SourceNames.None, isFlat: true, layout);
    }
}
