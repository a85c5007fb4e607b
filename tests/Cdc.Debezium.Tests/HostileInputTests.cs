using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Cdc.Debezium.Tests;

public sealed class HostileInputTests
{
    private const string Secret = "s3cr3t-value";
    private static readonly string Good = Feed.Envelope("c", "null", $$"""{"id":1,"v":"{{Secret}}"}""");

    public static TheoryData<string> Broken =>
    [
        "", " ", "[]", "\"text\"", "17", "{", "{}", "tru", "nul", "nulll", Good + "x", Good + Good, Good[..^1], "[" + Good + "]",
        Good.Replace("\"id\":1", "\"id\":01"), Good.Replace("\"id\":1", "\"id\":1.") , Good.Replace("\"id\":1", "\"id\":+1"), Good.Replace("\"id\":1", "\"id\":1,"),
        Good.Replace("\"id\":1", "\"id\":1,\"id\":2"), Good.Replace("\"op\":\"c\"", "\"op\":\"c\",\"op\":\"d\""), Good.Replace("\"db\":\"d\"", "\"db\":\"d\",\"db\":\"e\""),
        Good.Replace(Secret, "a\nb"), Good.Replace(Secret, "\\x41"), Good.Replace(Secret, "\\uD800"), Good.Replace(Secret, "\\uD800\\u0041"), Good.Replace(Secret, "\\uDC00"), Good.Replace(Secret, "\\u12"),
        Good.Replace("\"ts_ms\":1000", "\"ts_ms\":99999999999999999999"), Good.Replace("\"ts_ms\":1000", "\"ts_ms\":9223372036854775807"), Good.Replace("\"ts_ms\":1000", "\"ts_ms\":1.5"), Good.Replace("\"ts_ms\":1000", "\"ts_ms\":\"x\""),
        Good.Replace("\"table\":\"t\"", "\"table\":null"), Good.Replace("\"table\":\"t\"", "\"table\":7"), Good.Replace("{\"id\":1", "[1,{\"id\":1"), Feed.Envelope("c", "null", "null"), Feed.Envelope("d", "null", """{"id":1}"""), Feed.Envelope("u", "null", "17"),
        """{"schema":{"type":"struct"},"payload":{"id":1},"third":1}""", """{"schema":{"type":"struct","name":"p.s.t.Envelope","fields":[]},"payload":{"op":"c"}}""", """{"schema":{"type":"nonsense","name":"x.Envelope","fields":[{"field":"after","type":"struct","fields":[{"field":"a","type":"int128"}]}]},"payload":{}}""",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_message_is_an_error_with_its_place_and_without_its_values_and_the_next_is_read(string value)
    {
        var feed = new Feed(new DebeziumReader(new DebeziumOptions { Flattened = false }, Feed.Catalog()));
        feed.Read("""{"id":1}""", Good);
        var failure = Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", value));
        Assert.Equal(("p.s.t", 0, 1L), (failure.Topic, failure.Partition, failure.Offset));
        Assert.StartsWith("$", failure.Path);
        Assert.DoesNotContain(Secret, failure.Message);
        Assert.Equal(MessageKind.Change, feed.Read("""{"id":1}""", Good));
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Nesting_beyond_the_limit_is_an_error_and_no_overflow(char open, char close)
    {
        var nested = open == '[' ? new string(open, 200_000) + new string(close, 200_000) : string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string(close, 100_000);
        var feed = Feed.Plain();
        Assert.Contains("too deeply", Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", Feed.Envelope("c", "null", $$"""{"id":1,"v":{{nested}}}"""))).Message);
        Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", nested));
        Assert.Throws<ChangeFormatException>(() => feed.Read(nested, Good));
        Assert.Throws<ChangeFormatException>(() => feed.Read("""{"id":1}""", $$"""{"schema":{{nested}},"payload":null}"""));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_wherever_they_stand()
    {
        foreach (var text in new[] { Good, $$"""{"schema":null,"payload":{{Good}}}""" })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            for (var i = 0; i < bytes.Length; i++)
            {
                var broken = bytes.ToArray();
                broken[i] = 0xFF;
                Assert.Throws<ChangeFormatException>(() => Feed.Plain().Read(broken));
            }
        }
    }

    [Fact]
    public void A_message_cut_off_anywhere_is_an_error()
    {
        foreach (var message in Corpus.Messages("schema").Take(3).Concat(Corpus.Messages("plain").Take(3)))
        {
            var reader = Corpus.Reader("plain");
            var change = new ChangeEvent();
            for (var length = 0; length < message.Value!.Value.Length; length++)
            {
                var cut = new SourceMessage(message.Topic, 0, length, message.Key, message.Value.Value[..length]);
                Assert.Throws<ChangeFormatException>(() => reader.Read(in cut, change));
            }
        }
    }

    [Fact]
    public void Changed_bytes_never_crash_the_reader()
    {
        var messages = Corpus.Messages("plain").Where((_, i) => i % 97 == 0).Concat(Corpus.Messages("schema").Where((_, i) => i % 397 == 0)).Where(message => message.Value is not null).ToArray();
        var reader = Corpus.Reader("plain");
        var change = new ChangeEvent();
        var offset = 0L;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(ArbMap.Default.ArbFor<(NonNegativeInt Message, NonNegativeInt Place, byte Value)>(), change3 =>
        {
            var message = messages[change3.Message.Get % messages.Length];
            var bytes = message.Value!.Value.ToArray();
            bytes[(change3.Place.Get * 7919) % bytes.Length] = change3.Value;
            var broken = new SourceMessage(message.Topic, 0, offset++, message.Key, bytes);
            return Record.Exception(() => reader.Read(in broken, change)) is null or CdcException;
        }));
    }

    [Fact]
    public void A_message_of_100_MB_is_read_and_one_beyond_the_limit_is_refused()
    {
        var large = new string('x', 100 * 1024 * 1024 - 1000);
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", $$"""{"id":1,"v":"{{large}}"}"""));
        Assert.Equal(large.Length, feed.Change.After[1].Raw.Length);
        var small = new Feed(new DebeziumReader(new DebeziumOptions { MaxMessageBytes = 100 }, Feed.Catalog()));
        Assert.Contains("MaxMessageBytes", Assert.Throws<ChangeFormatException>(() => small.Read("""{"id":1}""", Good)).Message);
    }

    [Fact]
    public void A_valid_pair_of_surrogates_and_every_escape_are_kept()
    {
        var feed = Feed.Plain();
        feed.Read("""{"id":1}""", Feed.Envelope("c", "null", """{"id":1,"v":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"}"""));
        Assert.Equal("\"\\/\b\f\n\r\té😀", feed.Change.After[1].GetString());
    }
}
