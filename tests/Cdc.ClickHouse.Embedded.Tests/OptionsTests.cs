namespace Cdc.ClickHouse.Embedded.Tests;

public sealed class OptionsTests
{
    [Fact]
    public async Task All_problems_are_named_at_once()
    {
        var options = new EmbeddedClickHouseOptions { DataFolder = " ", Port = 70000, StartTimeout = TimeSpan.Zero };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedClickHouse.StartAsync(options, TestContext.Current.CancellationToken));
        Assert.Contains("DataFolder is empty", error.Message, StringComparison.Ordinal);
        Assert.Contains("Port is 70000", error.Message, StringComparison.Ordinal);
        Assert.Contains("StartTimeout is 00:00:00", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clickhouse_url_is_taken_and_nothing_is_started()
    {
        var before = Environment.GetEnvironmentVariable("CLICKHOUSE_URL");
        try
        {
            Environment.SetEnvironmentVariable("CLICKHOUSE_URL", "https://clickhouse.example:8443/");
            await using var server = await EmbeddedClickHouse.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(new Uri("https://clickhouse.example:8443/"), server.Endpoint);
            Assert.Null(server.ProcessId);
            await Assert.ThrowsAsync<InvalidOperationException>(server.KillAsync);

            Environment.SetEnvironmentVariable("CLICKHOUSE_URL", "clickhouse.example");
            await Assert.ThrowsAsync<EmbeddedClickHouseException>(() => EmbeddedClickHouse.StartAsync(cancellationToken: TestContext.Current.CancellationToken));
        }
        finally
        {
            Environment.SetEnvironmentVariable("CLICKHOUSE_URL", before);
        }
    }
}
