using System.Buffers.Binary;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Cuts the bytes of <c>COPY … (FORMAT binary)</c> into its header and tuples.</summary>
internal static class CopyTuples
{
    /// <summary>The end of the data: a tuple of −1 fields.</summary>
    public const int End = -1;

    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];

    /// <summary>The length of the header.</summary>
    /// <returns>0 while it is not all there.</returns>
    /// <exception cref="ChangeFormatException">It is no header, or one with flags that are unknown.</exception>
    public static int Header(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 19) return 0;
        if (!bytes.StartsWith(Signature) || BinaryPrimitives.ReadInt32BigEndian(bytes[11..]) != 0) throw new ChangeFormatException("The server's COPY does not begin as the binary format does.");
        var length = 19 + (long)BinaryPrimitives.ReadUInt32BigEndian(bytes[15..]);
        return length <= bytes.Length ? (int)length : 0;
    }

    /// <summary>The length of the tuple that the bytes begin with.</summary>
    /// <param name="bytes">The bytes that have arrived.</param>
    /// <param name="needed">How many bytes it needs at least, when it is not all there.</param>
    /// <returns>0 while it is not all there; <see cref="End"/> after the last tuple.</returns>
    /// <exception cref="ChangeFormatException">It is no tuple.</exception>
    public static int Tuple(ReadOnlySpan<byte> bytes, out int needed)
    {
        needed = 2;
        if (bytes.Length < 2) return 0;
        int fields = BinaryPrimitives.ReadInt16BigEndian(bytes);
        if (fields == -1) return End;
        if (fields < 0) throw new ChangeFormatException("The server's COPY holds a tuple without fields.");
        long at = 2;
        for (; fields > 0; fields--)
        {
            if (bytes.Length < at + 4)
            {
                needed = (int)at + 4;
                return 0;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(int)at..]);
            if (length < -1) throw new ChangeFormatException("The server's COPY holds a field of negative length.");
            at += 4 + Math.Max(0, length);
            if (at > Array.MaxLength - 64) throw new ChangeFormatException("A row is larger than 2 GB.");
        }

        needed = (int)at;
        return at <= bytes.Length ? (int)at : 0;
    }
}
