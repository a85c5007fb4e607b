using Cdc.ClickHouse.Tests.Support;
using static Cdc.ClickHouse.Tests.Support.TestTable;

namespace Cdc.ClickHouse.Tests.Writer;

public class FaultTests(EngineFixture engine)
{
    private readonly string database = WriterExtensions.NewDatabase();

    private TestTable Table() => new(database, "t", ["id"], Column("id", ValueKind.Int64), Column("v", ValueKind.String));

    private ChangeEvent[] Rows()
    {
        var table = Table();
        return [.. Enumerable.Range(1, 40).Select(i => table.Insert((ulong)i, $"{i}", new string('x', i)))];
    }

    private async Task<FaultProxy> ThroughAsync(Func<int, Fault> decide, Action<ClickHouseOptions>? set = null)
    {
        var proxy = new FaultProxy(engine.Endpoint, (_, number) => decide(number));
        var result = await engine.WriteAsync(o =>
        {
            o.Endpoint = proxy.Endpoint;
            set?.Invoke(o);
        }, Rows());
        Assert.Equal(40, Assert.Single(result.Tables).Applied);
        Assert.Equal("40\t820", await engine.QueryAsync($"SELECT count(), sum(length(v)) FROM {database}.t FINAL"));
        return proxy;
    }

    private static string Reply(string status, string body, string headers = "") => $"HTTP/1.1 {status}\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    [Theory]
    [InlineData(0), InlineData(1), InlineData(100), InlineData(1500), InlineData(1800), InlineData(2400)]
    public async Task A_request_that_breaks_off_is_sent_again_with_the_same_bytes(int bytes)
    {
        await using var proxy = await ThroughAsync(n => n < 2 ? new Fault.ResetRequest(bytes) : new Fault.None());
        var inserts = proxy.Inserts;
        Assert.Equal(3, inserts.Count);
        Assert.All(inserts, i => Assert.Equal(inserts[0].Body, i.Body));
        Assert.Equal(3, inserts.Select(i => i.Head.Split("query_id=")[1].Split(' ')[0]).Distinct().Count());
    }

    [Theory]
    [InlineData(0), InlineData(9), InlineData(60)]
    public async Task An_answer_that_is_lost_or_cut_in_its_headers_is_no_success(int bytes)
    {
        await using var proxy = await ThroughAsync(n => n == 0 ? new Fault.CutAnswer(bytes) : new Fault.None());
        Assert.Equal(2, proxy.Inserts.Count);
        Assert.Equal(proxy.Inserts[0].Body, proxy.Inserts[1].Body);
        Assert.Equal("80", await engine.QueryAsync($"SELECT count() FROM {database}.t"));
    }

    public static TheoryData<Fault> Slowness => [new Fault.Hang(), new Fault.Trickle(TimeSpan.FromMilliseconds(100))];

    [Theory]
    [MemberData(nameof(Slowness))]
    public async Task An_answer_that_takes_too_long_is_no_success(Fault slow)
    {
        await using var proxy = await ThroughAsync(n => n == 0 ? slow : new Fault.None(), o => o.RequestTimeout = TimeSpan.FromSeconds(2));
        Assert.Equal(2, proxy.Inserts.Count);
        Assert.Equal(proxy.Inserts[0].Body, proxy.Inserts[1].Body);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_for_long_never_stops_a_table()
    {
        await using var proxy = await ThroughAsync(n => n < 12 ? new Fault.ResetRequest(0) : new Fault.None());
        Assert.Equal(13, proxy.Inserts.Count);
    }

    public static TheoryData<string> Failures =>
    [
        Reply("500 Internal Server Error", "Code: 242. DB::Exception: Table is in readonly mode. (TABLE_IS_READ_ONLY)", "X-ClickHouse-Exception-Code: 242\r\n"),
        Reply("500 Internal Server Error", "Code: 999. DB::Exception: Keeper. (KEEPER_EXCEPTION)"),
        Reply("502 Bad Gateway", "<html><head><title>502 Bad Gateway</title></head><body><center>nginx/1.60.0</center></body></html>"),
        Reply("503 Service Unavailable", "", "Retry-After: 0\r\n"),
        Reply("200 OK", "garbage"),
        Reply("200 OK", "__exception__\r\nCode: 60. DB::Exception: half way. (UNKNOWN_TABLE)\r\n__exception__"),
        Reply("200 OK", "", "X-ClickHouse-Exception-Code: 241\r\n"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "nonsense\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Whatever_is_not_a_plain_success_is_tried_again(string answer)
    {
        await using var proxy = await ThroughAsync(n => n == 0 ? new Fault.Answer(answer) : new Fault.None());
        Assert.Equal(2, proxy.Inserts.Count);
    }

    [Fact]
    public async Task An_exception_tag_on_a_success_is_a_success()
    {
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) => new Fault.Answer(Reply("200 OK", "", "X-ClickHouse-Exception-Tag: abcdefgh\r\n")));
        var result = await engine.WriteAsync(o => o.Endpoint = proxy.Endpoint, Rows());
        Assert.Equal(40, Assert.Single(result.Tables).Applied);
        Assert.Single(proxy.Inserts);
    }

    [Fact]
    public async Task A_block_too_large_for_a_proxy_is_sent_in_halves()
    {
        await using var proxy = await ThroughAsync(n => n == 0 ? new Fault.Answer(Reply("413 Content Too Large", "")) : new Fault.None());
        Assert.Equal(3, proxy.Inserts.Count);
    }

    [Fact]
    public async Task A_redirect_stops_the_table_and_is_not_followed()
    {
        await using var elsewhere = new FaultProxy(engine.Endpoint, (_, _) => new Fault.None());
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) => new Fault.Answer(Reply("307 Temporary Redirect", "", $"Location: {elsewhere.Endpoint}\r\n")));
        await using var writer = new ClickHouseWriter(engine.Options(o =>
        {
            o.Endpoint = proxy.Endpoint;
            o.User = "me";
            o.Password = "canary";
        }));
        await writer.AppendAsync(Rows());
        var stop = Assert.Single((await writer.FlushAsync(WriterExtensions.Cancel)).Stopped);
        Assert.Contains("redirect", stop.Cause.Message, StringComparison.Ordinal);
        Assert.Equal(40, stop.Rows);
        Assert.Equal(new Checkpoint("topic", 0, 0), Assert.Single(stop.FirstHeld));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task An_unknown_code_is_tried_five_times_and_then_stops_the_table()
    {
        await using var proxy = new FaultProxy(engine.Endpoint, (_, _) => new Fault.Answer(Reply("500 Oh", "Code: 54321. DB::Exception: New. (NEW_ERROR)")));
        await using var writer = new ClickHouseWriter(engine.Options(o => o.Endpoint = proxy.Endpoint));
        await writer.AppendAsync(Rows());
        var result = await writer.FlushAsync(WriterExtensions.Cancel);
        Assert.Equal(54321, Assert.IsType<ClickHouseInsertException>(Assert.Single(result.Stopped).Cause.InnerException).Code);
        Assert.Empty(result.Rejected);
        Assert.Equal(5, proxy.Inserts.Count);
    }

    [Fact]
    public async Task An_insert_carries_every_setting_that_decides_what_is_stored()
    {
        await using var proxy = await ThroughAsync(_ => new Fault.None());
        var (head, body) = Assert.Single(proxy.Inserts);
        foreach (var setting in new[]
        {
            "async_insert=0", "wait_end_of_query=1", "insert_deduplicate=0", "input_format_native_allow_types_conversion=0", "input_format_skip_unknown_fields=0", "input_format_null_as_default=0",
        })
        {
            Assert.Contains($"&{setting}&", head.Replace(" ", "&", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        Assert.Contains($"Content-Length: {body.Length}\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_retries_says_so_and_says_when_it_is_well_again()
    {
        var states = new List<ClickHouseTableStatus>();
        await using var proxy = new FaultProxy(engine.Endpoint, (_, number) => number < 3 ? new Fault.Answer(Reply("503 Busy", "")) : new Fault.None());
        await using var writer = new ClickHouseWriter(engine.Options(o => o.Endpoint = proxy.Endpoint));
        writer.StatusChanged += states.Add;
        await writer.WriteAsync(Rows());
        Assert.Equal([true, false], states.Select(s => s.IsRetrying));
        Assert.Contains("503", states[0].LastError, StringComparison.Ordinal);
    }
}
