using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Cdc.Postgres.Tests;

namespace Cdc.Hosting.Tests;

/// <summary>samples/PostgresToClickHouse, run as its user runs it: settings from the environment, and a signal to stop.</summary>
public sealed class PostgresSampleTests(Engine engine, ServerFixture fixture) : IDisposable
{
    private readonly string name = Engine.NewDatabase();
    private readonly string page = $"http://127.0.0.1:{FreePort()}";
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-sample-").FullName;
    private readonly HttpClient http = new();

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_sample_mirrors_its_tables_and_reads_one_again_when_told_to()
    {
        var server = fixture.Server;
        await server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.orders (id int PRIMARY KEY, total numeric(12,2)); INSERT INTO {name}.orders SELECT i, i * 0.01 FROM generate_series(1, 500) i; CREATE TABLE {name}.items (id int PRIMARY KEY)");
        using var sample = Start(
            ("Postgres__ConnectionString", server.ConnectionString), ("Postgres__Slot", name), ("Postgres__Publication", name), ("Postgres__Tables__0", $"{name}.orders"), ("Postgres__Tables__1", $"{name}.items"),
            ("ClickHouse__Endpoint", engine.Endpoint.ToString()));

        await Engine.UntilAsync(async () => (await GetAsync("/ready")).StatusCode == HttpStatusCode.OK, "it is ready");
        await server.ExecuteAsync($"DELETE FROM {name}.orders WHERE id > 400; INSERT INTO {name}.items VALUES (1)");
        await UntilAsync("SELECT count(), sum(total) FROM {0}.orders_current", "400\t802");
        await UntilAsync("SELECT count() FROM {0}.items_current", "1");
        await Engine.UntilAsync(async () => await (await GetAsync("/metrics")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken) is { } text && text.Contains("cdc_source_slot_retained_bytes", StringComparison.Ordinal), "the slot is among the metrics");
        Assert.Contains($"\"slot\":\"{name}\"", await http.GetStringAsync($"{page}/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await engine.QueryAsync($"TRUNCATE TABLE {name}.orders");
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync($"/snapshots/{name}/orders"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync($"/snapshots/{name}/nothing"));
        await UntilAsync("SELECT count() FROM {0}.orders_current", "400");

        using var stop = Process.Start("kill", ["-TERM", $"{sample.Id}"]);
        await sample.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, sample.ExitCode);
    }

    [Fact]
    public async Task A_wrong_setting_stops_it_at_once_with_its_path()
    {
        using var sample = Start(("Postgres__Slot", "Orders"));
        var error = await sample.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await sample.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, sample.ExitCode);
        Assert.Contains("Cdc:orders:Postgres: ", error, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Start(params (string Key, string Value)[] settings)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        var build = root.Parent!.Name;
        while (!File.Exists(Path.Combine(root.FullName, "Cdc.slnx"))) root = root.Parent!;
        var sample = Path.Combine(root.FullName, "samples", "PostgresToClickHouse");
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(sample, "bin", build, "net10.0", "PostgresToClickHouse.dll"), "--contentRoot", sample]) { WorkingDirectory = folder, RedirectStandardError = true };
        start.Environment["Urls"] = page;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (key, value) in settings) start.Environment[$"Cdc__orders__{key}"] = value;
        return Process.Start(start)!;
    }

    private Task UntilAsync(string query, string result) => Engine.UntilAsync(
        async () => await engine.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, name)) == result, query);

    private async Task<HttpResponseMessage> GetAsync(string path)
    {
        try
        {
            return await http.GetAsync(page + path, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }
    }

    private async Task<HttpStatusCode> PostAsync(string path) => (await http.PostAsync(page + path, null, TestContext.Current.CancellationToken)).StatusCode;
}
