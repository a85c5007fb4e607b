using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cdc.Debezium.Internal.Writing;

/// <summary>The schema blocks of a table, made once.</summary>
internal sealed class ShapeSchemas
{
    public ShapeSchemas(TableShape shape, DebeziumWriterOptions options, ValueWriter values)
    {
        var name = $"{options.TopicPrefix}.{shape.Table}";
        Key = Make(json => SchemaFields.WriteStruct(shape, shape.Key, $"{name}.Key", null, false, values, json));
        Value = Make(json =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "struct"u8);
            json.WriteStartArray("fields"u8);
            SchemaFields.WriteStruct(shape, shape.Columns, $"{name}.Value", "before", true, values, json);
            SchemaFields.WriteStruct(shape, shape.Columns, $"{name}.Value", "after", true, values, json);
            json.WriteRawValue(Source, skipInputValidation: true);
            json.WriteRawValue(Rest, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteBoolean("optional"u8, false);
            json.WriteString("name"u8, $"{name}.Envelope");
            json.WriteNumber("version"u8, 2);
            json.WriteEndObject();
        });
    }

    public byte[] Key { get; }

    public byte[] Value { get; }

    private static ReadOnlySpan<byte> Source => """{"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},{"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"name"},{"type":"int64","optional":false,"field":"ts_ms"},{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"default":"false","field":"snapshot"},{"type":"string","optional":false,"field":"db"},{"type":"string","optional":true,"field":"sequence"},{"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"},{"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"},{"type":"int64","optional":true,"field":"txId"},{"type":"int64","optional":true,"field":"lsn"},{"type":"int64","optional":true,"field":"xmin"}],"optional":false,"name":"io.debezium.connector.postgresql.Source","version":1,"field":"source"}"""u8;

    private static ReadOnlySpan<byte> Rest => """{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},{"type":"int64","optional":false,"field":"total_order"},{"type":"int64","optional":false,"field":"data_collection_order"}],"optional":true,"name":"event.block","version":1,"field":"transaction"},{"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"},{"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"}"""u8;

    private static byte[] Make(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true })) write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
