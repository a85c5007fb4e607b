using System.Net;

namespace Cdc.ClickHouse.Embedded.Tests;

public sealed class QueryTests(EngineFixture fixture)
{
    private readonly Client client = fixture.Client;

    [Fact]
    public async Task Ping_answers_ok()
    {
        using var http = new HttpClient();
        Assert.Equal("Ok.\n", await http.GetStringAsync(new Uri(fixture.Engine.Endpoint, "ping"), TestContext.Current.CancellationToken));
        Assert.Equal("Ok.\n", await http.GetStringAsync(fixture.Engine.Endpoint, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Query_may_stand_in_the_url_or_the_body_or_half_in_each()
    {
        using var url = await client.SendAsync("query=SELECT%201");
        Assert.Equal("1\n", await url.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("2", await client.QueryAsync("SELECT 2"));
        Assert.Equal("3", await client.QueryAsync(" 3", "query=SELECT"));
    }

    [Fact]
    public async Task Placeholders_take_their_values_from_the_url()
    {
        Assert.Equal("42\tO'Neill {x}", await client.QueryAsync("SELECT {n:Int32}, {s:String} FORMAT TSVRaw", "param_n=42&param_s=O%27Neill%20%7Bx%7D"));
    }

    [Fact]
    public async Task Database_of_the_url_is_the_current_one()
    {
        Assert.Equal("system", await client.QueryAsync("SELECT currentDatabase()", "database=system"));
        Assert.Equal("default", await client.QueryAsync("SELECT currentDatabase()"));
    }

    [Fact]
    public async Task Format_of_the_statement_wins_over_the_default_format()
    {
        using var asked = await client.SendAsync("default_format=JSONEachRow", new StringContent("SELECT 1 AS x"));
        Assert.Equal("{\"x\":1}\n", await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("JSONEachRow", asked.Headers.GetValues("X-ClickHouse-Format").Single());

        using var named = await client.SendAsync("default_format=JSONEachRow", new StringContent("SELECT 1 AS x FORMAT CSV"));
        Assert.Equal("1\n", await named.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("CSV", named.Headers.GetValues("X-ClickHouse-Format").Single());
    }

    [Fact]
    public async Task Answer_carries_the_headers_that_clients_read()
    {
        using var response = await client.SendAsync("query_id=abc", new StringContent("SELECT number FROM numbers(5)"));
        Assert.Equal("abc", response.Headers.GetValues("X-ClickHouse-Query-Id").Single());
        Assert.NotEmpty(response.Headers.GetValues("X-ClickHouse-Timezone").Single());
        Assert.NotEmpty(response.Headers.GetValues("X-ClickHouse-Server-Display-Name").Single());
        Assert.Contains("\"read_rows\":\"5\"", response.Headers.GetValues("X-ClickHouse-Summary").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELEC 1", 62, HttpStatusCode.BadRequest)]
    [InlineData("SELECT * FROM nowhere", 60, HttpStatusCode.NotFound)]
    [InlineData("SELECT throwIf(1)", 395, HttpStatusCode.InternalServerError)]
    [InlineData("INSERT INTO nowhere FORMAT Native\n", 60, HttpStatusCode.NotFound)]
    [InlineData("", 62, HttpStatusCode.BadRequest)]
    public async Task Error_has_the_servers_code_and_status(string sql, int code, HttpStatusCode status)
    {
        using var response = await client.SendAsync("", new StringContent(sql));
        Assert.Equal(status, response.StatusCode);
        Assert.Equal($"{code}", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.StartsWith($"Code: {code}. DB::Exception: ", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_may_not_write()
    {
        var table = await client.CreateTableAsync();
        using var response = await client.SendAsync($"query=INSERT%20INTO%20{table}%20VALUES%20(1,'a')");
        Assert.Equal("164", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.Equal("", await client.RowsAsync(table));
    }

    [Fact]
    public async Task Requests_run_in_parallel()
    {
        var slow = client.QueryAsync("SELECT sleep(3)");
        Assert.Equal("1", await client.QueryAsync("SELECT 1"));
        Assert.False(slow.IsCompleted);
        await slow;
    }

    [Fact]
    public async Task Large_result_arrives_whole()
    {
        var text = await client.QueryAsync("SELECT number FROM numbers(3000000)");
        Assert.Equal(3_000_000, text.Split('\n').Length);
        Assert.EndsWith("\n2999999", text, StringComparison.Ordinal);
    }
}
