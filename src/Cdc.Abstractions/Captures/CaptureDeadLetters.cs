using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Cdc;

/// <summary>
/// Dead letters in a file that is itself a capture: each line is the message as it came, with <c>deadLetter</c> beside it (table, column,
/// reason, detail). After mending what was wrong, the file can be applied as it is. It holds rows: keep it as safe as the data.
/// </summary>
public sealed class CaptureDeadLetters : IDeadLetterSink
{
    private readonly string path;
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly bool append;
    private FileStream? file;

    /// <summary>Names the file. It is made with the first letter, and an existing one is emptied then.</summary>
    /// <param name="path">The file.</param>
    public CaptureDeadLetters(string path)
        : this(path, append: false)
    {
    }

    /// <summary>Names the file. It is made with the first letter.</summary>
    /// <param name="path">The file.</param>
    /// <param name="append">Whether an existing file is kept and the letters follow it, for what runs more than once; a line that a crash left unfinished goes.</param>
    public CaptureDeadLetters(string path, bool append)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.path = path;
        this.append = append;
    }

    /// <summary>The letters written.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letter);
        line.Clear();
        Write(letter);
        try
        {
            file ??= append ? OpenAtEnd() : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            await file.WriteAsync(line.WrittenMemory, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ChangeSinkException("The dead letters' file cannot be written: make room or name another.", isTransient: false, failure);
        }

        Count++;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (file is not null) await file.DisposeAsync().ConfigureAwait(false);
    }

    private FileStream OpenAtEnd()
    {
        var existing = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var end = existing.Length;
        for (; end > 0; end--)
        {
            existing.Position = end - 1;
            if (existing.ReadByte() == '\n') break;
        }

        // The letter of an unfinished line was not confirmed, so it comes again.
        existing.SetLength(end);
        existing.Position = end;
        return existing;
    }

    private void Write(DeadLetter letter)
    {
        using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("topic", letter.Position.Topic);
            json.WriteNumber("partition", letter.Position.Partition);
            json.WriteNumber("offset", letter.Position.Position);
            if (letter.Message is { } message)
            {
                json.WriteNumber("timestamp", message.Timestamp);
                json.WriteStartArray("headers");
                foreach (var header in message.Headers ?? [])
                {
                    json.WriteStartArray();
                    json.WriteStringValue(header.Name);
                    WriteBytes(json, header.Value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WritePropertyName("key");
                WriteBytes(json, message.Key);
                json.WritePropertyName("value");
                WriteBytes(json, message.Value);
            }

            json.WriteStartObject("deadLetter");
            if (letter.Table is { } table) json.WriteString("table", table.ToString());
            if (letter.Column is not null) json.WriteString("column", letter.Column);
            json.WriteString("reason", letter.Reason.ToString());
            json.WriteString("detail", letter.Detail);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        line.Write("\n"u8);
    }

    private static void WriteBytes(Utf8JsonWriter json, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is null)
        {
            json.WriteNullValue();
        }
        else if (Utf8.IsValid(bytes.Value.Span))
        {
            json.WriteStringValue(bytes.Value.Span);
        }
        else
        {
            json.WriteStartObject();
            json.WriteBase64String("base64", bytes.Value.Span);
            json.WriteEndObject();
        }
    }
}
