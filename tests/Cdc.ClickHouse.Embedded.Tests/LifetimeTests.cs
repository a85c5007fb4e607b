using System.Diagnostics;
using System.Net.Sockets;
using Cdc.ClickHouse.Embedded.Internal;

namespace Cdc.ClickHouse.Embedded.Tests;

public sealed class LifetimeTests(EngineFixture fixture) : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-engine-test-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Task<EmbeddedClickHouse> StartAsync(int port = 0) =>
        EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { DataFolder = Path.Combine(folder, "data"), Port = port, IgnoreClickHouseUrl = true }, Cancellation);

    [Fact]
    public async Task Acknowledged_rows_survive_a_kill()
    {
        string table;
        await using (var first = await StartAsync())
        {
            var client = new Client(first.Endpoint);
            table = await client.CreateTableAsync();
            using var response = await client.InsertAsync($"INSERT INTO {table} FORMAT Native", Rows.Native((1, "one")));
            Assert.True(response.IsSuccessStatusCode);
            await first.KillAsync();
        }

        await using var second = await StartAsync();
        Assert.Equal("1\tone", await new Client(second.Endpoint).RowsAsync(table));
    }

    [Fact]
    public async Task Second_engine_on_a_folder_is_refused_by_name()
    {
        await using var first = await StartAsync();
        var error = await Assert.ThrowsAsync<EmbeddedClickHouseException>(() => StartAsync());
        Assert.Contains($"{first.DataFolder} is in use by another engine", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_in_use_is_refused_by_number()
    {
        var error = await Assert.ThrowsAsync<EmbeddedClickHouseException>(() => StartAsync(fixture.Engine.Endpoint.Port));
        Assert.Contains($"Port {fixture.Engine.Endpoint.Port} is in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_ends_the_process_and_removes_a_temporary_folder()
    {
        var engine = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { IgnoreClickHouseUrl = true }, Cancellation);
        var (id, data) = (engine.ProcessId!.Value, engine.DataFolder);
        Assert.True(Directory.Exists(data));
        await engine.DisposeAsync();
        await engine.DisposeAsync();
        Assert.False(IsRunning(id));
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task Dispose_keeps_a_named_folder_and_does_not_wait_for_a_long_query()
    {
        var engine = await StartAsync();
        var endless = new Client(engine.Endpoint).QueryAsync("SELECT sleepEachRow(3) FROM numbers(100) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 1000000000");
        while (await new Client(engine.Endpoint).QueryAsync("SELECT count() FROM system.processes") == "1") Assert.False(endless.IsFaulted);
        var clock = Stopwatch.StartNew();
        await engine.DisposeAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(16), $"{clock.Elapsed}");
        Assert.True(Directory.Exists(engine.DataFolder));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => endless);
    }

    [Fact]
    public async Task Disposed_amid_long_statements_it_exits_without_a_crash_and_keeps_every_acknowledged_row()
    {
        var acknowledged = 0;
        for (var stop = 0; stop < 4; stop++)
        {
            var engine = await StartAsync();
            var client = new Client(engine.Endpoint);
            await client.QueryAsync("CREATE TABLE IF NOT EXISTS small (id Int32, name String) ENGINE = MergeTree ORDER BY id");
            await client.QueryAsync("CREATE TABLE IF NOT EXISTS big (id Int64, name String) ENGINE = ReplacingMergeTree ORDER BY id");
            Assert.InRange(int.Parse(await client.QueryAsync("SELECT count() FROM small"), null), acknowledged, int.MaxValue);
            string[] statements = ["INSERT INTO big SELECT number, toString(number) FROM numbers(50000000)", "SELECT sum(cityHash64(number, toString(number))) FROM numbers_mt(1000000000)"];
            var busy = statements.Concat(statements).Select(s => EndedByDisposeAsync(async () => await client.QueryAsync(s))).ToList();
            busy.Add(EndedByDisposeAsync(async () =>
            {
                using var response = await client.InsertAsync("INSERT INTO small FORMAT RowBinary", Rows.RowBinary((1, "one")));
                Assert.True(response.IsSuccessStatusCode);
                acknowledged++;
            }));
            while (int.Parse(await client.QueryAsync("SELECT count() FROM system.processes"), null) < 5) await Task.Delay(10, Cancellation);
            await engine.DisposeAsync();
            await Task.WhenAll(busy);
            Assert.Equal(0, engine.ExitCode);
        }

        Assert.NotEqual(0, acknowledged);
    }

    private static async Task EndedByDisposeAsync(Func<Task> request)
    {
        try
        {
            while (true) await request();
        }
        catch (HttpRequestException)
        {
            // The engine is gone.
        }
    }

    [Fact]
    public async Task Engine_dies_with_its_parent()
    {
        using var parent = Parent();
        var line = (await parent.StandardOutput.ReadLineAsync(Cancellation))!.Split(' ');
        var id = int.Parse(line[0], null);
        Assert.True(IsRunning(id));
        parent.Kill();
        await parent.WaitForExitAsync(Cancellation);

        var deadline = Stopwatch.StartNew();
        while (IsRunning(id) && deadline.Elapsed < Soon) await Task.Delay(50, Cancellation);
        Assert.False(IsRunning(id));
        Assert.False(Directory.Exists(line[1]));
    }

    [Fact]
    public async Task Missing_npm_is_named_with_the_ways_out()
    {
        using var parent = Parent(("PATH", folder), ("CDC_CHDB_HOME", folder));
        var said = await parent.StandardOutput.ReadToEndAsync(Cancellation);
        Assert.Contains("npm, which fetches the ClickHouse engine, is not on the PATH", said, StringComparison.Ordinal);
        Assert.Contains("CLICKHOUSE_URL", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreachable_registry_is_reported_without_its_name()
    {
        var free = new TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var address = $"127.0.0.1:{((System.Net.IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        using var parent = Parent(
            ("CDC_CHDB_HOME", Path.Combine(folder, "home")), ("npm_config_registry", $"http://{address}/"), ("npm_config_cache", Path.Combine(folder, "npm")),
            ("npm_config_fetch_retries", "0"), ("npm_config_logs_max", "0"));
        var said = await parent.StandardOutput.ReadToEndAsync(Cancellation);
        Assert.Contains("npm could not fetch the ClickHouse engine (ECONNREFUSED)", said, StringComparison.Ordinal);
        Assert.DoesNotContain(address, said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(folder, "home")));
    }

    [Fact]
    public async Task Fetch_is_done_once_when_many_ask_at_once()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CDC_CHDB_LIBRARY") is { Length: > 0 }, "CDC_CHDB_LIBRARY is set: nothing is fetched");
        var reports = new Reports();
        var options = new EmbeddedClickHouseOptions { CacheFolder = Path.Combine(folder, "cache"), Progress = reports };
        var paths = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => EmbeddedClickHouse.FetchAsync(options, Cancellation)));
        Assert.Single(paths.Distinct());
        Assert.True(File.Exists(paths[0]));
        Assert.Single(reports.Texts, text => text.StartsWith("Fetching", StringComparison.Ordinal));
        Assert.Equal(["cache/.lock", "cache/libchdb.so"], Directory.GetFileSystemEntries(options.CacheFolder).Select(path => Path.GetRelativePath(folder, path)).Order());
    }

    private static Process Parent(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(EngineHost.FindDotnet()) { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Cdc.ClickHouse.Embedded.Tests.Parent.dll"));
        start.Environment.Remove("CLICKHOUSE_URL");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        if (environment.Length > 0) start.Environment.Remove("CDC_CHDB_LIBRARY");
        return Process.Start(start)!;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private sealed class Reports : IProgress<string>
    {
        public List<string> Texts { get; } = [];

        public void Report(string value)
        {
            lock (Texts) Texts.Add(value);
        }
    }
}
