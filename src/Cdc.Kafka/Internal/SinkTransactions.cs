using System.Buffers;
using Confluent.Kafka;

namespace Cdc.Kafka.Internal;

/// <summary>The source's transactions as the changes tell them, and the messages of their boundaries.</summary>
internal sealed class SinkTransactions(string topic, IChangeWriter writer)
{
    private readonly ArrayBufferWriter<byte> key = new();
    private readonly ArrayBufferWriter<byte> value = new();
    private byte[] open = [];

    public SinkTopic Topic { get; } = new(new TableId("", "", topic), topic);

    /// <summary>Where the newest change came from.</summary>
    public Checkpoint Last { get; private set; }

    /// <summary>Whether a change is the first of its transaction. A snapshot's row is of none.</summary>
    public bool IsNew(ChangeEvent change) => IsPart(change) && !change.TransactionId.Span.SequenceEqual(open);

    public Message<byte[]?, byte[]?>? Begin(ChangeEvent first)
    {
        open = first.TransactionId.ToArray();
        return Make(writer.BeginTransaction(first, key, value));
    }

    public Message<byte[]?, byte[]?>? End(long position)
    {
        if (open.Length == 0) return null;
        open = [];
        return Make(writer.EndTransaction(position, key, value));
    }

    public void Note(ChangeEvent change, Checkpoint origin)
    {
        if (IsPart(change)) Last = origin;
    }

    private static bool IsPart(ChangeEvent change) => !change.IsSnapshot && !change.TransactionId.IsEmpty;

    private Message<byte[]?, byte[]?>? Make(bool isThere)
    {
        var message = isThere && Topic.Stopped is null ? new Message<byte[]?, byte[]?> { Key = key.WrittenSpan.ToArray(), Value = value.WrittenSpan.ToArray() } : null;
        key.ResetWrittenCount();
        value.ResetWrittenCount();
        return message;
    }
}
