using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Microsoft.AspNetCore.Http;
using ZstdSharp;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>The body as the client meant it. Every decoder throws when its input ends too early.</summary>
internal static class RequestBody
{
    public static Stream Open(HttpRequest request)
    {
        var body = request.Body;
        var encodings = request.Headers.ContentEncoding.ToString()
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var encoding in encodings.Reverse()) body = Decode(body, encoding);
        return body;
    }

    private static Stream Decode(Stream body, string encoding) => encoding.ToUpperInvariant() switch
    {
        "IDENTITY" => body,
        "GZIP" or "X-GZIP" => new GZipStream(body, CompressionMode.Decompress),
        "DEFLATE" => new ZLibStream(body, CompressionMode.Decompress),
        "BR" => new BrotliStream(body, CompressionMode.Decompress),
        "ZSTD" => new DecompressionStream(body, checkEndOfStream: true),
        "LZ4" => LZ4Stream.Decode(body),
        _ => throw new EngineException(48, $"Content-Encoding {encoding} is not supported", "NOT_IMPLEMENTED"),
    };

    /// <summary>Reads until the buffer is full or the body ends.</summary>
    public static byte[] ReadUpTo(Stream body, int limit)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[Math.Min(limit, 64 * 1024)];
        int read;
        while (buffer.Length < limit && (read = body.Read(chunk, 0, (int)Math.Min(chunk.Length, limit - buffer.Length))) > 0)
        {
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}

/// <summary>A beginning that was already read, then the stream it came from.</summary>
internal sealed class ConcatStream(ReadOnlyMemory<byte> beginning, Stream rest) : Stream
{
    private ReadOnlyMemory<byte> beginning = beginning;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (beginning.IsEmpty) return rest.Read(buffer);
        var count = Math.Min(buffer.Length, beginning.Length);
        beginning.Span[..count].CopyTo(buffer);
        beginning = beginning[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
