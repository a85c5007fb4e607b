using System.Buffers.Binary;
using System.Text;

namespace Cdc.Postgres.Internal.Protocol;

/// <summary>Takes a message apart from its beginning to its end.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message, int position = 0)
{
    private readonly ReadOnlySpan<byte> message = message;

    public int Position { get; private set; } = position;

    public readonly bool AtEnd => Position == message.Length;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>Text up to its NUL.</summary>
    public string Text()
    {
        var length = message[Position..].IndexOf((byte)0);
        if (length < 0) throw new ProtocolProblem("a text has no end");
        var text = Encoding.UTF8.GetString(message.Slice(Position, length));
        Position += length + 1;
        return text;
    }

    /// <summary>The bytes of a text up to its NUL.</summary>
    public ReadOnlySpan<byte> TextBytes()
    {
        var length = message[Position..].IndexOf((byte)0);
        if (length < 0) throw new ProtocolProblem("a text has no end");
        var text = message.Slice(Position, length);
        Position += length + 1;
        return text;
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)(message.Length - Position)) throw new ProtocolProblem("the message is shorter than it says");
        var part = message.Slice(Position, length);
        Position += length;
        return part;
    }

    /// <summary>Passes over a tuple.</summary>
    public void SkipTuple()
    {
        for (int columns = UInt16(); columns > 0; columns--)
        {
            if (Byte() is (byte)'t' or (byte)'b') Take((int)UInt32());
        }
    }
}
