using System.Buffers;
using System.Text.Json;

namespace Cdc;

/// <summary>Collects the records of a capture into one array of bytes.</summary>
internal sealed class CaptureBatch
{
    private readonly struct Record
    {
        public required string Topic { get; init; }

        public required int Partition { get; init; }

        public required long Offset { get; init; }

        public required long Timestamp { get; init; }

        public required Range? Key { get; init; }

        public required Range? Value { get; init; }

        public required List<(string Name, Range? Value)>? Headers { get; init; }
    }

    private readonly List<Record> records = [];
    private readonly Dictionary<string, string> topics = [];
    private ArrayBufferWriter<byte> bytes = new(1 << 16);

    public int Count => records.Count;

    public int Bytes => bytes.WrittenCount;

    public void Add(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            records.Add(Read(line));
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ChangeFormatException($"Line {number} of the capture is no record: it needs topic, partition, offset, key and value, one JSON object a line.", failure);
        }
    }

    public SourceMessage[] Take()
    {
        // The bytes go with the messages: a reader may hold them until the next batch.
        var memory = bytes.WrittenMemory;
        var messages = new SourceMessage[records.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var record = records[i];
            messages[i] = new SourceMessage(record.Topic, record.Partition, record.Offset, Slice(memory, record.Key), Slice(memory, record.Value))
            {
                Timestamp = record.Timestamp,
                Headers = record.Headers?.ConvertAll(h => new MessageHeader(h.Name, Slice(memory, h.Value))),
            };
        }

        records.Clear();
        bytes = new ArrayBufferWriter<byte>(bytes.WrittenCount + 1024);
        return messages;
    }

    // Without the explicit type, null would become an empty memory by way of a null array.
    private static ReadOnlyMemory<byte>? Slice(ReadOnlyMemory<byte> memory, Range? range) => range is { } r ? new ReadOnlyMemory<byte>?(memory[r]) : default;

    private Record Read(ReadOnlySpan<byte> line)
    {
        string? topic = null;
        int? partition = null;
        long? offset = null;
        long timestamp = 0;
        Range? key = null, value = null;
        List<(string, Range?)>? headers = null;
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "topic": topic = Intern(reader.GetString()!); break;
                case "partition": partition = reader.GetInt32(); break;
                case "offset": offset = reader.GetInt64(); break;
                case "timestamp": timestamp = reader.TokenType == JsonTokenType.Null ? 0 : reader.GetInt64(); break;
                case "key": key = ReadBytes(ref reader); break;
                case "value": value = ReadBytes(ref reader); break;
                case "headers": headers = ReadHeaders(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new Record { Topic = topic ?? throw new JsonException(), Partition = partition!.Value, Offset = offset!.Value, Timestamp = timestamp, Key = key, Value = value, Headers = headers };
    }

    private Range? ReadBytes(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        var start = bytes.WrittenCount;
        if (reader.TokenType == JsonTokenType.String)
        {
            bytes.Advance(reader.CopyString(bytes.GetSpan(reader.ValueSpan.Length + 1)));
        }
        else
        {
            reader.Read();
            if (!reader.ValueTextEquals("base64")) throw new JsonException();
            reader.Read();
            bytes.Write(reader.GetBytesFromBase64());
            reader.Read();
        }

        return start..bytes.WrittenCount;
    }

    private List<(string, Range?)>? ReadHeaders(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        var headers = new List<(string, Range?)>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var name = Intern(reader.GetString()!);
            reader.Read();
            headers.Add((name, ReadBytes(ref reader)));
            reader.Read();
        }

        return headers.Count == 0 ? null : headers;
    }

    private string Intern(string text)
    {
        if (topics.TryGetValue(text, out var known)) return known;
        topics[text] = text;
        return text;
    }
}
