using System.Buffers;
using Npgsql.Replication;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>Messages of the stream as they came, in one pooled buffer.</summary>
internal sealed class StreamBatch : IDisposable
{
    /// <summary>A batch is full from this many bytes on; one message may need more.</summary>
    public const int TargetBytes = 256 * 1024;

    private const int MaxMessages = 4096;

    private readonly (int Start, int Length, ulong Position)[] messages = ArrayPool<(int, int, ulong)>.Shared.Rent(MaxMessages);
    private byte[] bytes;
    private int used;

    public StreamBatch(int size) => bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, TargetBytes));

    public int Count { get; private set; }

    /// <summary>Bytes of the buffer.</summary>
    public int Size => bytes.Length;

    public bool HasRoomFor(int length) => Count < MaxMessages && bytes.Length - used >= length;

    /// <summary>Takes a message as it comes from the connection. There must be room for it.</summary>
    /// <exception cref="EndOfStreamException">The server's message ended early.</exception>
    public async ValueTask AddAsync(XLogDataMessage message, int length, CancellationToken cancellationToken)
    {
        var read = await message.Data.ReadAtLeastAsync(bytes.AsMemory(used, length), length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read < length) throw new EndOfStreamException("The server's message ended early.");
        messages[Count++] = (used, length, (ulong)message.WalStart);
        used += length;
    }

    public ReadOnlyMemory<byte> this[int message] => bytes.AsMemory(messages[message].Start, messages[message].Length);

    public ulong PositionOf(int message) => messages[message].Position;

    public void Dispose()
    {
        if (bytes.Length == 0) return;
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<(int, int, ulong)>.Shared.Return(messages);
        bytes = [];
    }
}
