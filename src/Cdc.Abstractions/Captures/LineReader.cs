namespace Cdc;

/// <summary>Lines of a stream as bytes, without their ends. A line is valid until the next is read.</summary>
internal sealed class LineReader(Stream stream, bool leaveOpen) : IDisposable
{
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private bool ended;

    public ReadOnlyMemory<byte> Line { get; private set; }

    public int Number { get; private set; }

    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = start;
        while (true)
        {
            var found = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (found >= 0) return Take(searched + found, searched + found + 1);
            if (ended) return end > start && Take(end, end);
            searched = end;
            if (end == buffer.Length) searched = MakeRoom();
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (read == 0) ended = true;
            end += read;
        }
    }

    public void Dispose()
    {
        if (!leaveOpen) stream.Dispose();
    }

    private bool Take(int lineEnd, int next)
    {
        Line = buffer.AsMemory(start, lineEnd - start).TrimEnd((byte)'\r');
        Number++;
        start = next;
        return true;
    }

    private int MakeRoom()
    {
        var kept = end - start;
        var target = start > 0 && kept <= buffer.Length / 2 ? buffer : new byte[buffer.Length * 2];
        buffer.AsSpan(start, kept).CopyTo(target);
        buffer = target;
        start = 0;
        end = kept;
        return end;
    }
}

/// <summary>A stream whose first bytes were read ahead.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (prefix.IsEmpty) return rest.Read(buffer);
        var count = Math.Min(buffer.Length, prefix.Length);
        prefix.Span[..count].CopyTo(buffer);
        prefix = prefix[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        prefix.IsEmpty ? rest.ReadAsync(buffer, cancellationToken) : new ValueTask<int>(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
