using System.IO.Compression;
using System.Text;

namespace Cdc.Abstractions.Tests;

public sealed class CaptureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-captures-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private const string Lines = """
        {"topic":"t.a","partition":1,"offset":5,"timestamp":77,"headers":[["h","v"],["n",null]],"key":"{\"id\":1}","value":"{\"x\":\"é\"}"}

        {"topic":"t.a","partition":1,"offset":6,"key":null,"value":null}
        {"topic":"t.b","partition":0,"offset":0,"key":"","value":{"base64":"/wA="},"unknown":{"a":[1]}}
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<List<SourceMessage>> Read(CaptureSource source)
    {
        var messages = new List<SourceMessage>();
        await foreach (var batch in source.ReadAsync(Cancelled)) messages.AddRange(batch.Messages.ToArray());
        return messages;
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Gzip(string text)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return memory.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Records_come_as_they_were_recorded_gzip_or_plain(bool gzip)
    {
        var path = Write("c.jsonl", gzip ? Gzip(Lines) : Encoding.UTF8.GetBytes(Lines));

        var messages = await Read(new CaptureSource(path));

        Assert.Equal(3, messages.Count);
        var (a, b, c) = (messages[0], messages[1], messages[2]);
        Assert.Equal(("t.a", 1, 5L, 77L), (a.Topic, a.Partition, a.Offset, a.Timestamp));
        Assert.Equal("""{"id":1}""", Encoding.UTF8.GetString(a.Key!.Value.Span));
        Assert.Equal("""{"x":"é"}""", Encoding.UTF8.GetString(a.Value!.Value.Span));
        Assert.Equal(["h", "n"], a.Headers!.Select(h => h.Name));
        Assert.Null(a.Headers![1].Value);
        Assert.Null(b.Key);
        Assert.Null(b.Value);
        Assert.True(c.Key is { Length: 0 });
        Assert.Equal([0xff, 0], c.Value!.Value.ToArray());
    }

    [Fact]
    public async Task Lines_longer_than_the_buffer_and_many_batches_keep_every_byte()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 1500; i++)
        {
            var value = new string((char)('a' + (i % 26)), i % 97 == 0 ? 200_000 : i);
            text.Append($$"""{"topic":"t","partition":0,"offset":{{i}},"key":"{{i}}","value":"{{value}}"}""").Append(i % 2 == 0 ? "\n" : "\r\n");
        }

        var messages = await Read(new CaptureSource(Write("long.jsonl", Encoding.UTF8.GetBytes(text.ToString()))));

        Assert.Equal(Enumerable.Range(0, 1500).Select(i => (long)i), messages.Select(m => m.Offset));
    }

    [Fact]
    public async Task A_line_that_is_no_record_is_named_by_its_number()
    {
        var path = Write("bad.jsonl", Encoding.UTF8.GetBytes("""{"topic":"t","partition":0,"offset":0,"key":null,"value":null}""" + "\n{\"topic\":\"t\"}\n"));

        var error = await Assert.ThrowsAsync<ChangeFormatException>(() => Read(new CaptureSource(path)));

        Assert.Contains("Line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_file_is_a_capture_of_the_same_messages()
    {
        var path = Write("c.jsonl", Encoding.UTF8.GetBytes(Lines));
        var target = Path.Combine(folder, "dead.jsonl");
        var source = new CaptureSource(path);
        await using (var letters = new CaptureDeadLetters(target))
        {
            foreach (var position in new Checkpoint[] { new("t.a", 1, 5), new("t.b", 0, 0), new("gone", 0, 1) })
            {
                var message = await source.ReadAgainAsync(position, Cancelled);
                await letters.WriteAsync(new DeadLetter(position, new TableId("", "t", "a"), "x", DeadLetterReason.ValueRefused, "t.a.x: too large", message), Cancelled);
            }
        }

        var again = await Read(new CaptureSource(target));

        Assert.Equal(3, again.Count);
        Assert.Equal("""{"x":"é"}""", Encoding.UTF8.GetString(again[0].Value!.Value.Span));
        Assert.Equal([0xff, 0], again[1].Value!.Value.ToArray());
        Assert.Null(again[2].Value);
        Assert.Contains("\"reason\":\"ValueRefused\"", await File.ReadAllTextAsync(target, Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_that_are_appended_follow_the_earlier_ones_and_an_unfinished_line_goes()
    {
        var target = Path.Combine(folder, "dead.jsonl");
        for (var offset = 0; offset < 3; offset++)
        {
            await using (var letters = new CaptureDeadLetters(target, append: true))
            {
                var message = new SourceMessage("t", 0, offset, null, "{}"u8.ToArray());
                await letters.WriteAsync(new DeadLetter(new Checkpoint("t", 0, offset), null, null, DeadLetterReason.Malformed, "no event", message), Cancelled);
            }

            if (offset == 1) await File.AppendAllTextAsync(target, "{\"topic\":\"t\",\"parti", Cancelled);
        }

        Assert.Equal([0L, 1, 2], (await Read(new CaptureSource(target))).Select(m => m.Offset));
    }
}
