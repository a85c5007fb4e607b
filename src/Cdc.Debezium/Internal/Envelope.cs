using System.Buffers.Text;
using Cdc.Debezium.Internal.Json;
using Cdc.Debezium.Internal.Tables;

namespace Cdc.Debezium.Internal;

/// <summary>A part of a message.</summary>
internal readonly record struct Extent(int Start, int Length)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> json) => json.Slice(Start, Length);
}

/// <summary>What an envelope, or the added fields of a flattened row, say around the row. Reused for every message.</summary>
internal sealed class Envelope
{
    private const int BeforeIndex = 0, AfterIndex = 1, SourceIndex = 2, TransactionIndex = 3, OperationIndex = 4;
    private const int ConnectorIndex = 0, DatabaseIndex = 1, SequenceIndex = 2, MicrosecondsIndex = 3, MillisecondsIndex = 4, SchemaIndex = 5, TableIndex = 6, TransactionNumberIndex = 7;

    private readonly MemberTable members = new(name => Array.IndexOf(["before", "after", "source", "transaction", "op"], name));
    private readonly MemberTable sourceMembers = new(name => Array.IndexOf(["connector", "db", "sequence", "ts_us", "ts_ms", "schema", "table", "txId"], name));
    private readonly MemberTable transactionMembers = new(name => name == "id" ? 0 : -1);

    private Extent transaction;
    private Extent transactionNumber;

    /// <summary>Where the row before begins; −1 where there is none.</summary>
    public int Before { get; private set; }

    /// <summary>Where the row after begins; −1 where there is none.</summary>
    public int After { get; private set; }

    /// <summary>The operation's letter in lower case; 0 where the message has none.</summary>
    public byte Operation { get; set; }

    public bool HasSource { get; private set; }

    public Extent Database { get; set; }

    public Extent Schema { get; set; }

    public Extent Table { get; set; }

    /// <summary>The log positions; empty where there are none.</summary>
    public Extent Sequence { get; set; }

    public bool IsPostgres { get; private set; }

    /// <summary>Microseconds since 1970, 0 where unknown.</summary>
    public long Time { get; set; }

    /// <summary>The transaction's id: of the transaction block where there is one, else of the source.</summary>
    public Extent Transaction
    {
        get => transaction.Length > 0 ? transaction : transactionNumber;
        set => transaction = value;
    }

    public void Clear()
    {
        Before = After = -1;
        Operation = 0;
        HasSource = false;
        Database = Schema = Table = Sequence = transaction = transactionNumber = default;
        IsPostgres = false;
        Time = 0;
    }

    /// <summary>Reads an envelope.</summary>
    /// <param name="cursor">Before its brace.</param>
    /// <param name="rows">What reads the rows on the way, when their table can be predicted.</param>
    public void Read(ref JsonCursor cursor, RowReader rows)
    {
        var seen = 0;
        for (var member = members.Enter(ref cursor); member is not null; member = members.Next(ref cursor, member))
        {
            if (member.Index < 0)
            {
                cursor.SkipValue();
                continue;
            }

            Once(ref seen, member.Index, in cursor);
            switch (member.Index)
            {
                case BeforeIndex:
                    if (!cursor.TryTakeNull()) Before = rows.TakeBefore(ref cursor);
                    break;
                case AfterIndex:
                    if (!cursor.TryTakeNull()) After = rows.TakeAfter(ref cursor);
                    break;
                case SourceIndex:
                    if (!cursor.TryTakeNull()) ReadSource(ref cursor);
                    break;
                case TransactionIndex:
                    if (!cursor.TryTakeNull()) ReadTransaction(ref cursor);
                    break;
                case OperationIndex:
                    Operation = Letter(cursor.Json, cursor.TakeValue(out var start, out var length), start, length);
                    break;
            }
        }
    }

    /// <summary>The letter of an operation; 0 for null, 255 for anything that is no single letter.</summary>
    public static byte Letter(ReadOnlySpan<byte> json, byte token, int start, int length)
    {
        if (token == 0) return 0;
        return token == WireToken.PlainString && length == 1 && char.IsAsciiLetter((char)json[start]) ? (byte)(json[start] | 0x20) : byte.MaxValue;
    }

    /// <summary>A whole number.</summary>
    public static long Number(in JsonCursor cursor, byte token, int start, int length)
    {
        if (token == WireToken.Number && Utf8Parser.TryParse(cursor.Json.Slice(start, length), out long number, out var taken) && taken == length) return number;
        throw cursor.Problem("a whole number of 64 bits is expected");
    }

    /// <summary>The transaction's id up to the colon: what follows it differs from event to event.</summary>
    public static Extent TransactionOf(ReadOnlySpan<byte> json, byte token, int start, int length)
    {
        if (token != WireToken.PlainString) return default;
        var colon = json.Slice(start, length).IndexOf((byte)':');
        return new Extent(start, colon < 0 ? length : colon);
    }

    private void ReadSource(ref JsonCursor cursor)
    {
        if (cursor.Peek() != '{')
        {
            cursor.SkipValue();
            return;
        }

        HasSource = true;
        var seen = 0;
        long microseconds = 0, milliseconds = 0;
        for (var member = sourceMembers.Enter(ref cursor); member is not null; member = sourceMembers.Next(ref cursor, member))
        {
            var token = cursor.TakeValue(out var start, out var length);
            if (member.Index < 0) continue;
            Once(ref seen, member.Index, in cursor);
            if (token == 0) continue;
            switch (member.Index)
            {
                case ConnectorIndex:
                    IsPostgres = cursor.Json.Slice(start, length).SequenceEqual("postgresql"u8);
                    break;
                case DatabaseIndex:
                    Database = Text(in cursor, token, start, length);
                    break;
                case SchemaIndex:
                    Schema = Text(in cursor, token, start, length);
                    break;
                case TableIndex:
                    Table = Text(in cursor, token, start, length);
                    break;
                case SequenceIndex:
                    Sequence = Text(in cursor, token, start, length);
                    break;
                case TransactionNumberIndex:
                    transactionNumber = new Extent(start, length);
                    break;
                case MicrosecondsIndex:
                    microseconds = Number(in cursor, token, start, length);
                    break;
                case MillisecondsIndex:
                    milliseconds = Number(in cursor, token, start, length);
                    break;
            }
        }

        Time = microseconds != 0 ? microseconds : Microseconds(in cursor, milliseconds);
    }

    public static long Microseconds(in JsonCursor cursor, long milliseconds) =>
        milliseconds is > long.MinValue / 1000 and < long.MaxValue / 1000 ? milliseconds * 1000 : throw cursor.Problem("a time of the source is out of range");

    private void ReadTransaction(ref JsonCursor cursor)
    {
        for (var member = transactionMembers.Enter(ref cursor); member is not null; member = transactionMembers.Next(ref cursor, member))
        {
            var token = cursor.TakeValue(out var start, out var length);
            if (member.Index == 0) Transaction = TransactionOf(cursor.Json, token, start, length);
        }
    }

    public static Extent Text(in JsonCursor cursor, byte token, int start, int length) =>
        token is WireToken.PlainString or WireToken.EscapedString ? new Extent(start, length) : throw cursor.Problem("a text is expected");

    private static void Once(ref int seen, int index, in JsonCursor cursor)
    {
        if ((seen & (1 << index)) != 0) throw cursor.Problem("a member stands there twice");
        seen |= 1 << index;
    }
}
