using System.Diagnostics;
using System.Text;

namespace Cdc.Postgres.Tests.Values;

/// <summary>Real messages with wrong bytes: whatever they say, the reader and the cells refuse by their own exceptions, soon, and read nothing outside.</summary>
[Collection(nameof(ValueRun))]
public sealed class HostileMessageTests(ValueRun run)
{
    private const int Rounds = 20;

    [Fact]
    public void A_changed_cut_or_lengthened_message_is_read_or_refused_by_name()
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var random = new Random(5);
        var counts = new Counts();
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            var reader = new PostgresReader();
            var change = new ChangeEvent();
            foreach (var message in run.Messages)
            {
                if (random.Next(4) == 0) Try(reader, Mutated(message, random), change, counts);
                Try(reader, in message, change, counts);
            }
        }

        Assert.True(counts.Read > 10_000 && counts.RefusedMessages > 1_000 && counts.RefusedValues > 100, counts.ToString());
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData('B')]
    [InlineData('{')]
    public void A_position_that_fits_no_version_is_refused(char kind)
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var reader = new PostgresReader();
        var change = new ChangeEvent();
        var message = run.Messages.First(m => m.Value!.Value.Span[0] == kind);
        Assert.Equal(MessageKind.Transaction, reader.Read(in message, change));
        var value = message.Value!.Value.ToArray();
        value[1] = 0x04; // the first of the position's eight bytes
        Assert.Throws<ChangeFormatException>(() => reader.Read(new SourceMessage(message.Topic, message.Partition, message.Offset, null, value), change));
    }

    [Fact]
    public void Every_beginning_of_a_message_is_refused()
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var reader = new PostgresReader();
        var change = new ChangeEvent();
        foreach (var message in run.Messages.Where(m => m.Value!.Value.Length < 200))
        {
            if (reader.Read(in message, change) != MessageKind.Change) continue;
            for (var length = 0; length < message.Value!.Value.Length; length++)
            {
                var part = new SourceMessage(message.Topic, message.Partition, message.Offset, null, message.Value.Value[..length]);
                Assert.Throws<ChangeFormatException>(() => reader.Read(in part, change));
            }
        }
    }

    [Theory]
    [InlineData("interval", "999999999999999999:00:00")]
    [InlineData("interval", "999999999999999999 years")]
    [InlineData("date", "999999999999999999-01-01")]
    [InlineData("date", "2023-02-29")]
    [InlineData("timestamp", "999999999999999999-01-01 00:00:00")]
    [InlineData("timestamptz", "2024-01-01 00:00:00+99:00")]
    [InlineData("time", "24:00:00.000001")]
    [InlineData("hstore", "\"a\"=>\"b")]
    [InlineData("bit(5)", "10201")]
    [InlineData("int8", "9223372036854775808")]
    [InlineData("int4[]", "{1,{2}")]
    [InlineData("uuid", "123e4567-e89b-12d3-a456-42661417400")]
    public void A_text_that_no_server_writes_is_refused(string type, string text) => Refuses(type, 't', Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("int4[]", "00000002 00000000 00000017 7FFFFFFF 00000001 00000000 00000001")] // two thousand million empty rows
    [InlineData("int4[]", "00000001 00000000 00000017 FFFFFFFF 00000001")]
    [InlineData("int4[]", "00000001 00000000 00000017 00000002 00000001 00000004 00000001")] // one element of two
    [InlineData("int4[]", "00000001 00000000 00000017 00000000 00000001 00000004 00000001")] // one element of none
    [InlineData("numeric", "7FFF 7FFF 0000 FFFF")]
    [InlineData("numeric", "0001 0000 0000 0000 7FFF")] // a digit of base 10,000 above 9,999
    [InlineData("bool", "02")]
    [InlineData("time", "7FFFFFFFFFFFFFFF")]
    [InlineData("timetz", "0000000000000000 7FFFFFFF")]
    public void Bytes_that_no_server_writes_are_refused(string type, string hex) => Refuses(type, 'b', Convert.FromHexString(hex.Replace(" ", "")));

    private void Refuses(string type, char form, byte[] value)
    {
        Assert.SkipWhen(DatabaseServer.Missing is not null, DatabaseServer.Missing ?? "");
        var number = TypeCase.All.Select((c, i) => (c, i)).Single(c => c.c.Type == type).i;
        var reader = new PostgresReader();
        var change = new ChangeEvent();
        reader.Read(run.Messages.First(m => m.Value!.Value.Span[0] == 'B'), change);
        var relation = run.Messages.First(m => m.Topic == "vals" && m.Value!.Value.Span[0] == 'R' && Encoding.UTF8.GetString(m.Value.Value.Span).Contains($"\0t{number}\0", StringComparison.Ordinal));
        reader.Read(in relation, change);
        byte[] row = [(byte)'I', .. relation.Value!.Value.Span[1..5], (byte)'N', 0, 2, (byte)'t', 0, 0, 0, 1, (byte)'1', (byte)form, 0, 0, 0, (byte)value.Length, .. value];
        Assert.Equal(MessageKind.Change, reader.Read(new SourceMessage("vals", 0, relation.Offset, null, row), change));
        Assert.ThrowsAny<CdcException>(() => change.After[1].GetString());
    }

    private static SourceMessage Mutated(SourceMessage message, Random random)
    {
        var bytes = message.Value!.Value.ToArray();
        switch (random.Next(5))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case 1:
                bytes = [.. bytes, .. bytes[random.Next(bytes.Length)..]];
                break;
            case 2:
                var from = random.Next(bytes.Length);
                bytes.AsSpan(from, Math.Min(4, bytes.Length - from)).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F);
                break;
            default:
                for (var i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
        }

        return new SourceMessage(message.Topic, message.Partition, message.Offset, null, bytes);
    }

    private static void Try(PostgresReader reader, in SourceMessage message, ChangeEvent change, Counts counts)
    {
        try
        {
            counts.Read++;
            if (reader.Read(in message, change) != MessageKind.Change) return;
        }
        catch (CdcException)
        {
            counts.RefusedMessages++;
            return;
        }

        foreach (var image in new[] { change.Key, change.OldKey, change.Before, change.After })
        {
            for (var i = 0; i < image.Columns.Length; i++)
            {
                if (image.GetState(i) == CellState.Value) Pull(image, i, counts);
            }
        }
    }

    // A value is asked for as what it is, as text, and as everything that it may not be.
    private static void Pull(RowImage image, int column, Counts counts)
    {
        var buffer = new byte[32];
        foreach (var get in (Action<RowImage>[])
        [
            r => r[column].GetString(), r => r[column].CopyBytes(new byte[r[column].MaxByteLength]), r => r[column].GetBoolean(), r => r[column].GetInt64(), r => r[column].GetDouble(),
            r => r[column].GetDecimal(76, 10, buffer), r => r[column].GetUuid(), r => r[column].GetDate(), r => r[column].GetTime(6), r => r[column].GetTimestamp(9), r => r[column].GetPoint(),
            r =>
            {
                var at = 0;
                while (r[column].TryGetNextElement(ref at, out var element))
                {
                    if (element.State == CellState.Value) element.GetString();
                }
            },
        ])
        {
            try
            {
                get(image);
            }
            catch (CdcException)
            {
                counts.RefusedValues++;
            }
        }
    }

    private sealed class Counts
    {
        public long Read { get; set; }

        public long RefusedMessages { get; set; }

        public long RefusedValues { get; set; }

        public override string ToString() => $"{Read} read, {RefusedMessages} messages and {RefusedValues} values refused";
    }
}
