using System.Collections.Immutable;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>What a schema block says of its payload.</summary>
internal enum PayloadForm
{
    Envelope,
    Row,
    LogicalMessage,
    Heartbeat,
    Transaction,
    SchemaChange,
    Notification,
}

/// <summary>A schema block, parsed once and recognised by its bytes afterwards.</summary>
internal sealed class ConnectSchema
{
    private ConnectSchema(byte[] block, PayloadForm form, string name, ImmutableArray<ColumnShape> columns)
    {
        Block = block;
        Form = form;
        Name = name;
        Columns = columns;
    }

    /// <summary>The block's bytes.</summary>
    public byte[] Block { get; }

    /// <summary>The block with what stood around it, up to the payload; empty while the payload was never seen to follow.</summary>
    public byte[] Head { get; set; } = [];

    public PayloadForm Form { get; }

    /// <summary>The name of the struct, or an empty string.</summary>
    public string Name { get; }

    /// <summary>The columns of the row, or of the key.</summary>
    public ImmutableArray<ColumnShape> Columns { get; }

    /// <summary>Parses a block.</summary>
    /// <exception cref="FormatException">It is no schema of Kafka Connect.</exception>
    public static ConnectSchema Parse(ReadOnlyMemory<byte> block, int maxDepth)
    {
        try
        {
            using var document = JsonDocument.Parse(block, new JsonDocumentOptions { MaxDepth = maxDepth });
            var root = document.RootElement;
            var name = ConnectTypes.Text(root, "name") ?? "";
            var form = FormOf(name);
            var row = form == PayloadForm.Envelope ? Field(root, "after") ?? Field(root, "before") : root;
            if (row is null) throw new FormatException("the envelope's schema has no row");
            ImmutableArray<ColumnShape> columns = form is PayloadForm.Envelope or PayloadForm.Row ? [.. Fields(row.Value).Select(ConnectTypes.Column)] : [];
            return new ConnectSchema(block.ToArray(), form, name, columns);
        }
        catch (JsonException exception)
        {
            throw new FormatException("the schema block is no JSON", exception);
        }
    }

    private static PayloadForm FormOf(string name) => name switch
    {
        "io.debezium.connector.common.Heartbeat" => PayloadForm.Heartbeat,
        "io.debezium.connector.common.TransactionMetadataValue" => PayloadForm.Transaction,
        "io.debezium.connector.common.Notification" => PayloadForm.Notification,
        _ when name.EndsWith(".Envelope", StringComparison.Ordinal) => PayloadForm.Envelope,
        _ when name.EndsWith(".MessageValue", StringComparison.Ordinal) => PayloadForm.LogicalMessage,
        _ when name.EndsWith(".SchemaChangeValue", StringComparison.Ordinal) => PayloadForm.SchemaChange,
        _ => PayloadForm.Row,
    };

    private static JsonElement.ArrayEnumerator Fields(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array ? fields.EnumerateArray() : default;

    private static JsonElement? Field(JsonElement node, string name)
    {
        foreach (var field in Fields(node))
        {
            if (ConnectTypes.Text(field, "field") == name) return field;
        }

        return null;
    }
}
