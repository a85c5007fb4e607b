using System.Net;
using System.Text;
using Cdc.ClickHouse.Internal.Columns;

namespace Cdc.ClickHouse.Internal;

/// <summary>One Native block as a request's body: headers and column buffers one after the other, its length known beforehand.</summary>
internal sealed class BlockContent : HttpContent
{
    private readonly SegmentList body = new();
    private TaskCompletionSource? sending;

    public BlockContent(Block block, int first, int count)
    {
        using var header = new ByteBuffer();
        header.AddVarUInt((uint)block.Columns.Count);
        header.AddVarUInt((uint)count);
        foreach (var (name, encoder) in block.Columns)
        {
            AddText(header, name);
            AddText(header, encoder.Type.ToString());
            body.Add(header.Slice(0, header.Length).ToArray());
            header.Truncate(0);
            encoder.CollectPrefix(body);
            encoder.Collect(first, count, body);
        }

        Headers.ContentType = new("application/octet-stream");
    }

    public long Length => body.Length;

    /// <summary>
    /// Completes when nothing reads the block's buffers any more. An answer or a cancellation may come while the body is still being sent:
    /// a block that took other rows before this would send them.
    /// </summary>
    public Task Released => sending?.Task ?? Task.CompletedTask;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var sent = sending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            foreach (var segment in body.Segments) await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sent.SetResult();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var segment in body.Segments) stream.Write(segment.Span);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }

    private static void AddText(ByteBuffer header, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        header.AddVarUInt((uint)bytes.Length);
        header.Add(bytes);
    }
}
