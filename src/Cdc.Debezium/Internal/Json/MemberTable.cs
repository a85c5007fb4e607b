namespace Cdc.Debezium.Internal.Json;

/// <summary>One member that an object was seen to have.</summary>
internal sealed class Member(byte[] head, int index)
{
    /// <summary>The name as sent, with its quotes and the colon.</summary>
    public byte[] Head { get; } = head;

    /// <summary>What the table's owner calls it; −1 where it is of no use.</summary>
    public int Index { get; } = index;

    /// <summary>What came after it the last time.</summary>
    public Member? Next { get; set; }
}

/// <summary>
/// Finds the members of like objects by predicting that they come in the order of the time before:
/// one comparison of bytes a member, a look-up only when the prediction fails.
/// </summary>
internal sealed class MemberTable
{
    private const int Limit = 4096;

    private readonly Dictionary<byte[], Member> members = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], Member>.AlternateLookup<ReadOnlySpan<byte>> lookup;
    private readonly Func<string, int> indexOf;

    /// <summary>Makes an empty table.</summary>
    /// <param name="indexOf">What a name, its escapes undone, is called; asked once a name.</param>
    public MemberTable(Func<string, int> indexOf)
    {
        this.indexOf = indexOf;
        lookup = members.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>What is predicted to come first in an object.</summary>
    public Member? First { get; private set; }

    /// <summary>Takes the next member's name and says which it is.</summary>
    /// <param name="cursor">Where it stands.</param>
    /// <param name="previous">The member before it; null for the first.</param>
    public Member Take(ref JsonCursor cursor, Member? previous)
    {
        var predicted = previous is null ? First : previous.Next;
        return predicted is not null && cursor.TryTake(predicted.Head) ? predicted : Find(ref cursor, previous);
    }

    private Member Find(ref JsonCursor cursor, Member? previous)
    {
        var name = cursor.TakeName();
        if (!lookup.TryGetValue(name, out var member))
        {
            member = new Member([(byte)'"', .. name, (byte)'"', (byte)':'], indexOf(JsonNames.Unescape(name)));
            if (members.Count < Limit) members.Add(name.ToArray(), member);
        }

        if (previous is null) First = member;
        else previous.Next = member;
        return member;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
