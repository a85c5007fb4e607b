using System.Net;

namespace Cdc.ClickHouse.Embedded.Tests;

public sealed class SettingsTests(EngineFixture fixture)
{
    private const string ThreadsAndBlock = "SELECT getSetting('max_threads') = 7, getSetting('max_block_size')";
    private readonly Client client = fixture.Client;

    [Fact]
    public async Task Setting_of_a_request_holds_for_that_request_only()
    {
        var before = await client.QueryAsync(ThreadsAndBlock);
        Assert.Equal("1\t1234", await client.QueryAsync(ThreadsAndBlock, "max_threads=7&max_block_size=1234"));
        Assert.Equal(before, await client.QueryAsync(ThreadsAndBlock));
        Assert.Equal("1\t1234", await client.QueryAsync(ThreadsAndBlock + " SETTINGS max_threads = 7, max_block_size = 1234"));
        Assert.Equal(before, await client.QueryAsync(ThreadsAndBlock));
    }

    [Fact]
    public async Task Setting_holds_for_an_insert_and_no_further()
    {
        var table = await client.CreateTableAsync();
        var row = "{\"id\":1,\"name\":\"a\",\"more\":2}"u8.ToArray();
        var statement = $"INSERT INTO {table} FORMAT JSONEachRow";
        using var strict = await client.InsertAsync(statement, row, settings: "&input_format_skip_unknown_fields=0");
        Assert.Equal(HttpStatusCode.BadRequest, strict.StatusCode);
        using var lenient = await client.InsertAsync(statement, row);
        Assert.Equal(HttpStatusCode.OK, lenient.StatusCode);
    }

    [Fact]
    public async Task Set_use_and_temporary_tables_without_a_session_end_with_the_request()
    {
        var before = await client.QueryAsync(ThreadsAndBlock);
        await client.QueryAsync("SET max_block_size = 1234");
        await client.QueryAsync("USE system");
        await client.QueryAsync("CREATE TEMPORARY TABLE gone (a Int8)");
        Assert.Equal(before, await client.QueryAsync(ThreadsAndBlock));
        Assert.Equal("default", await client.QueryAsync("SELECT currentDatabase()"));
        using var response = await client.SendAsync("", new StringContent("SELECT * FROM gone"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Setting_of_one_request_is_unknown_to_those_that_run_beside_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(i => client.QueryAsync("SELECT getSetting('max_block_size')", $"max_block_size={i}")));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"{i}"), answers);
    }

    [Theory]
    [InlineData("no_such_setting=1", "115", HttpStatusCode.NotFound)]
    [InlineData("max_threads=many", "27", HttpStatusCode.BadRequest)]
    [InlineData("a%20=1", "115", HttpStatusCode.NotFound)]
    public async Task Wrong_setting_is_refused(string settings, string code, HttpStatusCode status)
    {
        using var response = await client.SendAsync(settings, new StringContent("SELECT 1"));
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }

    [Fact]
    public async Task Session_keeps_what_was_set_and_forgets_what_a_request_brought()
    {
        const string session = "session_id=keeps";
        await client.QueryAsync("CREATE TEMPORARY TABLE mine (a Int8)", session);
        await client.QueryAsync("SET max_block_size = 1234", session);
        Assert.Equal("55\tsystem", await client.QueryAsync("SELECT getSetting('max_block_size'), currentDatabase()", session + "&max_block_size=55&database=system"));
        Assert.Equal("1234\tdefault", await client.QueryAsync("SELECT getSetting('max_block_size'), currentDatabase()", session));
        Assert.Equal("0", await client.QueryAsync("SELECT count() FROM mine", session));
        Assert.NotEqual("1234", await client.QueryAsync("SELECT getSetting('max_block_size')", "session_id=other"));
    }

    [Fact]
    public async Task Refused_request_leaves_nothing_in_its_session()
    {
        const string session = "session_id=refused";
        using var response = await client.SendAsync(session + "&database=system&max_block_size=77&no_such_setting=1", new StringContent("SELECT 1"));
        Assert.Equal("115", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.Equal("default\t0", await client.QueryAsync("SELECT currentDatabase(), getSetting('max_block_size') = 77", session));
    }

    [Fact]
    public async Task Get_in_a_session_leaves_it_writable()
    {
        var table = await client.CreateTableAsync();
        using var get = await client.SendAsync("session_id=writable&query=SELECT%201");
        Assert.Equal(HttpStatusCode.OK, get.StatusCode);
        await client.QueryAsync($"INSERT INTO {table} VALUES (1, 'a')", "session_id=writable");
        Assert.Equal("1\ta", await client.RowsAsync(table));
    }

    [Fact]
    public async Task Session_serves_one_request_at_a_time_and_may_be_required_to_exist()
    {
        var slow = client.QueryAsync("SELECT sleep(2)", "session_id=busy");
        while (await client.QueryAsync("SELECT count() FROM system.processes WHERE query = 'SELECT sleep(2)'") == "0") Assert.False(slow.IsCompleted);
        using var second = await client.SendAsync("session_id=busy", new StringContent("SELECT 1"));
        Assert.Equal("373", second.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        await slow;
        using var missing = await client.SendAsync("session_id=never&session_check=1", new StringContent("SELECT 1"));
        Assert.Equal("372", missing.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }
}
