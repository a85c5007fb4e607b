namespace Cdc.Cli.Tests;

public sealed class ApplyTests(Tool tool) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<(int ExitCode, string Output, string Error)> ApplyAsync(string capture, params string[] more) =>
        await Tool.RunAsync(folder, ["apply", Tool.Capture(capture), "--to", tool.Endpoint, "--database", Database, .. more]);

    private string Database { get; } = $"cli_{Guid.NewGuid():N}";

    [Fact]
    public async Task A_capture_is_applied_and_applying_it_again_changes_nothing()
    {
        var first = await ApplyAsync("seed.jsonl.gz");
        var rows = await tool.QueryAsync($"SELECT count(), sum(sales_id), sum(order_quantity) FROM {Database}.sales_current");
        var second = await ApplyAsync("seed.jsonl.gz");

        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("franco.sales", first.Output, StringComparison.Ordinal);
        Assert.Contains("1,227 messages", first.Output, StringComparison.Ordinal);
        Assert.StartsWith("784\t", rows, StringComparison.Ordinal);
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(rows, await tool.QueryAsync($"SELECT count(), sum(sales_id), sum(order_quantity) FROM {Database}.sales_current"));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task What_cannot_be_applied_is_in_a_file_with_reason_and_coordinates_and_the_exit_code_says_so()
    {
        var (exitCode, _, error) = await ApplyAsync("schema.jsonl.gz", "--type-change", "replace", "--key", "ident.nopk=*");

        Assert.True(exitCode == 1, error);
        Assert.Contains("schema.dead-letters.jsonl", error, StringComparison.Ordinal);
        var letters = await File.ReadAllLinesAsync(Path.Combine(folder, "schema.dead-letters.jsonl"), TestContext.Current.CancellationToken);
        Assert.All(letters, l => Assert.Matches("\"topic\":\"schema\\..*\"offset\":[0-9]+.*\"deadLetter\":\\{\"table\":\".*\",\"column\":\".*\",\"reason\":\"(ValueRefused|KeyRefused|UnavailableValue)\"", l));
        Assert.Contains(letters, l => l.Contains("\"column\":\"c_date\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_stops_is_named_with_the_way_out_and_the_others_are_applied()
    {
        var (exitCode, output, error) = await ApplyAsync("schema.jsonl.gz");

        Assert.Equal(1, exitCode);
        Assert.Contains("ident.nopk is stopped", error, StringComparison.Ordinal);
        Assert.Contains("has no key", error, StringComparison.Ordinal);
        Assert.Contains("evo.t is stopped", error, StringComparison.Ordinal);
        Assert.Contains("franco.customer", output, StringComparison.Ordinal);
        Assert.Equal("199", await tool.QueryAsync($"SELECT count() FROM {Database}.customer_current"));
    }

    [Fact]
    public async Task Messages_without_schema_need_a_catalog_and_the_tool_says_so()
    {
        var without = await ApplyAsync("flatdropped.jsonl.gz");
        var with = await ApplyAsync("flatdropped.jsonl.gz", "--connector", Tool.Capture("flatdropped.connector.json"), "--catalog", Tool.Capture("truth.final.jsonl.gz"), "--key", "ident.nopk=*", "--type-change", "replace");

        Assert.Equal(1, without.ExitCode);
        Assert.Contains("--catalog", without.Error, StringComparison.Ordinal);
        Assert.Contains("the connector drops deletes", with.Error, StringComparison.Ordinal);
        Assert.NotEqual("0", await tool.QueryAsync($"SELECT count() FROM {Database}.sales_current"));
    }

    [Fact]
    public async Task Standard_input_is_a_capture_too()
    {
        await using var input = File.OpenRead(Tool.Capture("seed.jsonl.gz"));

        var (exitCode, _, error) = await Tool.RunAsync(folder, input, ["apply", "-", "--to", tool.Endpoint, "--database", Database]);

        Assert.True(exitCode == 0, error);
        Assert.Equal("784", await tool.QueryAsync($"SELECT count() FROM {Database}.sales_current"));
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_writes_nothing()
    {
        var (exitCode, output, error) = await ApplyAsync("seed.jsonl.gz", "--dry-run");

        Assert.True(exitCode == 0, error);
        Assert.Contains($"CREATE TABLE IF NOT EXISTS `{Database}`.`sales`", output, StringComparison.Ordinal);
        Assert.Contains("ENGINE = ReplacingMergeTree(`_version`, `_is_deleted`)", output, StringComparison.Ordinal);
        Assert.Equal("0", await tool.QueryAsync($"SELECT count() FROM system.databases WHERE name = '{Database}'"));
    }

    [Fact]
    public async Task Nothing_is_created_when_that_is_refused()
    {
        var (exitCode, _, error) = await ApplyAsync("seed.jsonl.gz", "--no-create");

        Assert.Equal(1, exitCode);
        Assert.Contains("does not exist", error, StringComparison.Ordinal);
        Assert.Equal("0", await tool.QueryAsync($"SELECT count() FROM system.databases WHERE name = '{Database}'"));
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("apply", "no-such-file.jsonl")]
    [InlineData("apply", "x", "--to", "not an address")]
    [InlineData("apply", "x", "--to", "http://me:secret@localhost:1")]
    [InlineData("apply", "x", "--type-change", "guess")]
    [InlineData("apply", "x", "--unknown")]
    [InlineData("engine", "--port", "many")]
    [InlineData("tail")]
    [InlineData("tail", "mysql://me:secret@localhost/shop")]
    [InlineData("tail", "postgres://me@localhost/shop?secret=1")]
    [InlineData("tail", "secret")]
    [InlineData("tail", "Host=localhost;Database=shop", "--operation", "upsert")]
    [InlineData("tail", "Host=localhost;Database=shop", "--max", "0")]
    [InlineData("tail", "Host=localhost;Database=shop", "--table", "orders")]
    [InlineData("tail", "Host=localhost;Database=shop", "--slot", "Not A Slot")]
    public async Task Bad_options_give_one_clear_line(params string[] arguments)
    {
        var (exitCode, output, error) = await Tool.RunAsync(folder, arguments);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("cdc: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }
}
