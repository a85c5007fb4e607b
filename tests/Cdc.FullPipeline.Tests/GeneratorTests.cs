using System.Globalization;
using Cdc.EndToEnd.Tests;

namespace Cdc.FullPipeline.Tests;

/// <summary>The parts that a stack runs apart, against a PostgreSQL that is somebody's.</summary>
public sealed class GeneratorTests : IAsyncLifetime
{
    private readonly Postgres postgres = new();
    private readonly DirectoryInfo folder = SampleProcess.NewFolder("full-pipeline-generator-");
    private string? missing;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => string.Create(CultureInfo.InvariantCulture, $"postgres://cdc:secret-1@127.0.0.1:{postgres.Port}/postgres");

    public async ValueTask InitializeAsync() => missing = await postgres.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await postgres.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_writes_at_its_rate_until_Ctrl_C_and_goes_on_with_what_is_there()
    {
        await SetSchemaUpAsync();
        long before = 0;
        foreach (var signal in (string[])["INT", "TERM"]) // Ctrl-C, and what stops a container
        {
            await using var generator = SampleProcess.Start(Environment(), "generator", "--rate", "200", "--data", folder.FullName);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            while (await ChangesAsync() < before + 1000) Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"{generator.Output}\n{generator.Errors}");
            Assert.InRange(clock.Elapsed.TotalSeconds, 1, 60); // 625 rows at the first start, then 200 a second
            Assert.Contains("Making 200 changes a second", generator.Output, StringComparison.Ordinal);
            Assert.Equal(0, await generator.SignalAsync(signal));
            Assert.Empty(generator.Errors);
            before = await ChangesAsync();
        }

        Assert.Equal(["0"], await postgres.LinesAsync("SELECT count(*)::text FROM franco.sales s WHERE NOT EXISTS (SELECT FROM franco.customer c WHERE c.customer_id = s.customer_id)"));
    }

    [Fact]
    public async Task A_database_without_the_schema_is_said_in_one_line() =>
        await FailsAsync("The database of POSTGRES_URL has no sales schema: run setup first.", "generator");

    [Fact]
    public async Task A_schema_of_somebody_else_is_left_alone()
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        await postgres.ExecuteAsync("CREATE SCHEMA franco; CREATE TABLE franco.mine (id int)");
        await FailsAsync("The database of POSTGRES_URL has a schema franco that this sample did not make. Name another database.", "--port", "0");
        await FailsAsync("The database of POSTGRES_URL has a schema franco that this sample did not make. Name another database.", "remove");
        Assert.Equal(["mine"], await postgres.LinesAsync("SELECT tablename::text FROM pg_tables WHERE schemaname = 'franco'"));
    }

    private async Task FailsAsync(string message, params string[] arguments)
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var sample = SampleProcess.Start(Environment(), [.. arguments, "--data", folder.FullName]);
        Assert.Equal(1, await sample.ExitAsync());
        Assert.Equal(message, sample.Errors);
    }

    private async Task SetSchemaUpAsync()
    {
        Assert.SkipWhen(missing is not null, missing ?? "");
        await postgres.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "FullPipeline", "Source", "schema.sql"), Stop));
    }

    private async Task<long> ChangesAsync()
    {
        var lines = await postgres.LinesAsync("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::text FROM pg_stat_user_tables WHERE schemaname = 'franco'");
        await Task.Delay(100, Stop);
        return long.Parse(lines[0], CultureInfo.InvariantCulture);
    }

    private Dictionary<string, string?> Environment() => new() { ["POSTGRES_URL"] = Url };
}
