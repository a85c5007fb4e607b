using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Cdc;

/// <summary>
/// Messages recorded in a file, one JSON object a line, gzip or plain: <c>topic</c>, <c>partition</c>, <c>offset</c>, <c>timestamp</c> (milliseconds),
/// <c>headers</c> (pairs), <c>key</c> and <c>value</c>: strings as sent, <c>null</c> for a null, <c>{"base64": …}</c> for bytes that are not UTF-8.
/// </summary>
/// <remarks>A file is read from its beginning every time: positions are not kept, and need not be.</remarks>
public sealed class CaptureSource : IChangeSource
{
    private const int BatchMessages = 512;
    private const int BatchBytes = 1 << 20;

    private readonly string? path;
    private readonly Stream? stream;
    private Stream? open;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, gzip or plain.</param>
    public CaptureSource(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.path = path;
    }

    /// <summary>Reads a stream, such as standard input. It is read once; dead letters from it carry no message when the target refuses a row late.</summary>
    /// <param name="stream">The stream, gzip or plain. It is not disposed.</param>
    public CaptureSource(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        this.stream = stream;
    }

    /// <summary>The part of the file that was read, 0 to 1; 0 where the length is unknown.</summary>
    public double Progress => open is { CanSeek: true, Length: > 0 } file ? (double)file.Position / file.Length : 0;

    /// <inheritdoc/>
    /// <exception cref="ChangeFormatException">A line is no record; the text names the line.</exception>
    public async IAsyncEnumerable<SourceBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        open = stream ?? File.OpenRead(path!);
        try
        {
            using var lines = new LineReader(await DecompressAsync(open, cancellationToken).ConfigureAwait(false), leaveOpen: stream is not null);
            var batch = new CaptureBatch();
            while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (lines.Line.IsEmpty) continue;
                batch.Add(lines.Line.Span, lines.Number);
                if (batch.Count < BatchMessages && batch.Bytes < BatchBytes) continue;
                yield return new SourceBatch(batch.Take());
            }

            if (batch.Count > 0) yield return new SourceBatch(batch.Take());
        }
        finally
        {
            if (stream is null) await open.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Does nothing: a file has no positions to keep.</summary>
    /// <inheritdoc/>
    public ValueTask CommitAsync(IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<SourceMessage?> ReadAgainAsync(Checkpoint position, CancellationToken cancellationToken)
    {
        if (path is null) return null;
        var again = new CaptureSource(path);
        await foreach (var batch in again.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < batch.Messages.Length; i++)
            {
                var message = batch.Messages.Span[i];
                if (message.Offset == position.Position && message.Partition == position.Partition && message.Topic == position.Topic) return message;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async ValueTask<Stream> DecompressAsync(Stream raw, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        var read = await raw.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var whole = new PrefixedStream(head.AsMemory(0, read), raw);
        return read == 2 && head[0] == 0x1f && head[1] == 0x8b ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
