using System.Runtime.CompilerServices;

namespace Cdc.Debezium.Internal.Json;

/// <summary>One member that an object was seen to have.</summary>
internal sealed class Member(byte[] head, int index)
{
    /// <summary>The name as sent, with the comma before it, its quotes and the colon.</summary>
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

    private Member? first;

    /// <summary>Enters an object and takes the name of its first member.</summary>
    /// <returns>The member, or null when the object is empty: it was left again.</returns>
    public Member? Enter(ref JsonCursor cursor)
    {
        if (!cursor.BeginObject()) return null;
        return first is not null && cursor.TryTake(first.Head.AsSpan(1)) ? first : Find(ref cursor, null);
    }

    /// <summary>After a member's value: takes the name of the next one.</summary>
    /// <returns>The member, or null when the object was left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Member? Next(ref JsonCursor cursor, Member previous)
    {
        var predicted = previous.Next;
        if (predicted is not null && cursor.TryTake(predicted.Head)) return predicted;
        return cursor.NextMember() ? Find(ref cursor, previous) : null;
    }

    private Member Find(ref JsonCursor cursor, Member? previous)
    {
        var name = cursor.TakeName();
        if (!lookup.TryGetValue(name, out var member))
        {
            member = new Member([(byte)',', (byte)'"', .. name, (byte)'"', (byte)':'], indexOf(JsonNames.Unescape(name)));
            if (members.Count < Limit) members.Add(name.ToArray(), member);
        }

        if (previous is null) first = member;
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
