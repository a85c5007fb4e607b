using System.Buffers.Binary;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>The Commit message of pgoutput.</summary>
internal static class CommitMessage
{
    public const int Length = 26;

    /// <summary>The end of the transaction: the first position behind its commit record.</summary>
    public static ulong End(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt64BigEndian(message[10..]);
}
