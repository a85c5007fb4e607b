using System.Collections.Immutable;
using Cdc.Debezium.Internal.Json;

namespace Cdc.Debezium.Internal.Tables;

/// <summary>One field of a key as a message has it.</summary>
internal struct KeyField
{
    public int Start;
    public int Length;
    public byte Token;
    public bool IsSet;
}

/// <summary>The fields of a topic's keys, in their order.</summary>
internal sealed class KeyForm(ConnectSchema? schema, ImmutableArray<string> names)
{
    /// <summary>The schema of the key, or null.</summary>
    public ConnectSchema? Schema { get; } = schema;

    /// <summary>The names, as columns of the source.</summary>
    public ImmutableArray<string> Names { get; } = names;

    private MemberTable Members { get; } = new(name => names.IndexOf(ColumnNames.Repair(name)));

    /// <summary>Reads a key of this form.</summary>
    /// <returns>False when the key has other fields: what was written is of no use then.</returns>
    public bool TryRead(ref JsonCursor cursor, Span<KeyField> fields)
    {
        fields = fields[..Names.Length];
        fields.Clear();
        var count = 0;
        for (var member = Members.Enter(ref cursor); member is not null; member = Members.Next(ref cursor, member))
        {
            var token = cursor.TakeValue(out var start, out var length);
            if (member.Index < 0) return false;
            ref var field = ref fields[member.Index];
            if (field.IsSet) throw cursor.Problem("a field of the key stands there twice");
            field = new KeyField { Start = start, Length = token == 0 ? 0 : length, Token = token, IsSet = true };
            count++;
        }

        return count == Names.Length;
    }

    /// <summary>The names of a key's fields.</summary>
    public static ImmutableArray<string> NamesOf(JsonCursor cursor)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        if (!cursor.BeginObject()) return [];
        do
        {
            var name = ColumnNames.Repair(JsonNames.Unescape(cursor.TakeName()));
            if (names.Contains(name)) throw cursor.Problem("a field of the key stands there twice");
            if (names.Count == 256) throw cursor.Problem("the key has too many fields");
            names.Add(name);
            cursor.SkipValue();
        }
        while (cursor.NextMember());
        return names.ToImmutable();
    }
}
