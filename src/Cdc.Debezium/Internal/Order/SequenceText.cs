using System.Buffers.Text;
using Cdc.Debezium.Internal.Json;

namespace Cdc.Debezium.Internal.Order;

/// <summary>Debezium's <c>source.sequence</c> of PostgreSQL: a string that holds a JSON array of two decimal strings or nulls.</summary>
internal static class SequenceText
{
    /// <summary>Parses the string's inside, its escapes not undone.</summary>
    /// <param name="text"><c>[\"24023119\",\"24023128\"]</c> or <c>[null,\"24023128\"]</c>.</param>
    /// <param name="commit">The first number; null where it is null.</param>
    /// <param name="position">The second number.</param>
    /// <exception cref="MessageProblem">It is something else, or does not fit a version.</exception>
    public static void Parse(ReadOnlySpan<byte> text, out ulong? commit, out ulong position)
    {
        var rest = text;
        if (!Take(ref rest, "["u8)) throw Problem();
        commit = Number(ref rest);
        if (!Take(ref rest, ","u8)) throw Problem();
        position = Number(ref rest) ?? throw Problem();
        if (!Take(ref rest, "]"u8) || !rest.IsEmpty) throw Problem();
        if (commit >= RowVersion.PositionLimit || position >= RowVersion.PositionLimit) throw new MessageProblem("a log position of the sequence is beyond 2^58 and fits no version", path: "$.source.sequence");
    }

    private static ulong? Number(ref ReadOnlySpan<byte> rest)
    {
        if (Take(ref rest, "null"u8)) return null;
        if (!Take(ref rest, "\\\""u8) || !Utf8Parser.TryParse(rest, out ulong number, out var taken) || rest[0] is not (>= (byte)'0' and <= (byte)'9')) throw Problem();
        rest = rest[taken..];
        return Take(ref rest, "\\\""u8) ? number : throw Problem();
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> expected)
    {
        while (!rest.IsEmpty && rest[0] == ' ') rest = rest[1..];
        if (!rest.StartsWith(expected)) return false;
        rest = rest[expected.Length..];
        return true;
    }

    private static MessageProblem Problem() => new("the sequence is not two log positions", path: "$.source.sequence");
}
