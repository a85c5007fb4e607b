using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Debezium.Tests;

public sealed class WriterTests
{
    [Theory]
    [InlineData("plain", true)]
    [InlineData("plain", false)]
    [InlineData("schema", true)]
    [InlineData("seed", true)]
    [InlineData("strings", true)]
    [InlineData("full", true)]
    [InlineData("full", false)]
    [InlineData("routedall", true)]
    [InlineData("histories-3", false)]
    public void What_is_written_is_read_as_the_change_it_was(string name, bool includeSchema)
    {
        // Under one catalog the column that evo.t once had as text cannot be told from the number it became.
        var writer = new DebeziumWriter(new DebeziumWriterOptions { IncludeSchema = includeSchema, DecimalHandlingMode = DecimalHandlingMode.String });
        var options = Corpus.Options(name);
        var again = new DebeziumReader(new DebeziumOptions { DecimalHandlingMode = DecimalHandlingMode.String, IntervalHandlingMode = options.IntervalHandlingMode, HstoreHandlingMode = options.HstoreHandlingMode }, Corpus.Catalog(name));
        var count = 0;
        foreach (var change in Corpus.Changes(Corpus.Reader(name), Corpus.Messages(name)))
        {
            if (change.Shape.Table is { Schema: "evo", Name: "t" } && name is not ("schema" or "strings")) continue;
            Assert.Equal(Describe(change), Describe(Again(writer, again, change)));
            count++;
        }

        Assert.True(count > 1000);
    }

    [Fact]
    public void Precise_decimals_are_the_connectors_own_bytes()
    {
        var messages = Corpus.Messages("schema").Where(message => message.Topic is "schema.franco.sales" or "schema.types.numbers" or "schema.types.defaults").ToList();
        var writer = new DebeziumWriter(new DebeziumWriterOptions { IncludeSchema = true });
        foreach (var change in Corpus.Changes(Corpus.Reader("schema"), messages))
        {
            var read = Again(writer, new DebeziumReader(), change);
            Assert.Equal(Describe(change), Describe(read));
            for (var i = 0; i < change.Shape.Columns.Length; i++)
            {
                if (change.After.IsPresent && change.Shape.Columns[i].Type.Kind == ValueKind.Decimal) Assert.True(change.After[i].Raw.SequenceEqual(read.After[i].Raw));
            }
        }
    }

    [Fact]
    public void Any_row_survives_writing_and_reading()
    {
        (string, string)[] columns = [("id", "bigint"), ("t", "text"), ("n", "numeric"), ("f", "double precision"), ("b", "bytea"), ("a", "text[]"), ("ts", "timestamp without time zone"), ("u", "uuid"), ("j", "jsonb"), ("o", "boolean")];
        var catalog = Feed.Catalog("id", columns);
        var reader = new DebeziumReader(null, catalog);
        var writers = new[] { new DebeziumWriter(), new DebeziumWriter(new DebeziumWriterOptions { IncludeSchema = true }) };
        var offset = 0L;
        var rows = ArbMap.Default.ArbFor<(long Id, string? Text, long Number, double Float, byte[]? Bytes, (string? First, Guid Uuid, long Time, bool Flag) More)>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(rows, row =>
        {
            var message = new SourceMessage("p.s.t", 0, offset++, Encoding.UTF8.GetBytes($$"""{"id":{{row.Id}}}"""), Encoding.UTF8.GetBytes(Feed.Envelope("u", "null", Json(row))));
            var change = new ChangeEvent();
            if (Record.Exception(() => reader.Read(in message, change)) is ChangeFormatException) return HasLoneSurrogate(row.Text) || HasLoneSurrogate(row.More.First);
            return writers.All(writer => Describe(change) == Describe(Again(writer, new DebeziumReader(null, catalog), change)));
        }));
    }

    [Fact]
    public void A_value_without_a_form_is_refused_and_wrong_options_are_named_together()
    {
        var reader = new DebeziumReader(new DebeziumOptions { DecimalHandlingMode = DecimalHandlingMode.String }, Feed.Catalog("id", ("id", "integer"), ("n", "numeric(5,2)")));
        var feed = new Feed(reader);
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"n":"NAN"}"""));
        var refusal = Assert.Throws<ValueRefusedException>(() => new DebeziumWriter().Write(feed.Change, new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>()));
        Assert.Equal(RefusalReason.NotANumber, refusal.Reason);
        var wrong = Assert.Throws<ArgumentException>(() => new DebeziumWriter(new DebeziumWriterOptions { TopicPrefix = "", DecimalHandlingMode = DecimalHandlingMode.Double, UnavailableValuePlaceholder = "" }));
        Assert.Contains("TopicPrefix", wrong.Message);
        Assert.Contains("DecimalHandlingMode", wrong.Message);
        Assert.Contains("UnavailableValuePlaceholder", wrong.Message);
    }

    private static ChangeEvent Again(DebeziumWriter writer, DebeziumReader reader, ChangeEvent change)
    {
        var key = new ArrayBufferWriter<byte>();
        var value = new ArrayBufferWriter<byte>();
        var header = new ArrayBufferWriter<byte>();
        var hasKey = writer.Write(change, key, value);
        var message = new SourceMessage(change.Topic, change.Partition, change.Offset, hasKey ? key.WrittenMemory : (ReadOnlyMemory<byte>?)null, value.WrittenMemory)
        {
            Headers = writer.WriteOldKey(change, header) ? [new MessageHeader("__debezium.oldkey", header.WrittenMemory)] : [],
        };
        var read = new ChangeEvent();
        Assert.Equal(MessageKind.Change, reader.Read(in message, read));
        return read;
    }

    private static string Describe(ChangeEvent change) =>
        $"{change.Shape.Table} {change.Operation} {change.Version} {change.IsSnapshot} {change.SourceTimestamp} {Encoding.UTF8.GetString(change.TransactionId.Span)} {Feed.Json(change.Key)} {Feed.Json(change.OldKey)} {Feed.Json(change.Before)} {Feed.Json(change.After)}";

    private static string Json((long Id, string? Text, long Number, double Float, byte[]? Bytes, (string? First, Guid Uuid, long Time, bool Flag) More) row)
    {
        var number = new System.Numerics.BigInteger(row.Number).ToByteArray(isBigEndian: true);
        var real = double.IsFinite(row.Float) ? row.Float.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : $"\"{(double.IsNaN(row.Float) ? "NaN" : row.Float > 0 ? "Infinity" : "-Infinity")}\"";
        return $$"""{"id":{{row.Id}},"t":{{Quote(row.Text)}},"n":{"scale":{{Math.Abs(row.Id % 9)}},"value":"{{Convert.ToBase64String(number)}}"},"f":{{real}},"b":{{(row.Bytes is null ? "null" : $"\"{Convert.ToBase64String(row.Bytes)}\"")}},"a":[{{Quote(row.More.First)}},null],"ts":{{row.More.Time % 4_000_000_000_000_000}},"u":"{{row.More.Uuid}}","j":{{Quote("{}")}},"o":{{(row.More.Flag ? "true" : "false")}}}""";
    }

    private static string Quote(string? text)
    {
        if (text is null) return "null";
        var quoted = new StringBuilder("\"");
        foreach (var unit in text) quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        return quoted.Append('"').ToString();
    }

    private static bool HasLoneSurrogate(string? text) => text is not null && text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);
}
