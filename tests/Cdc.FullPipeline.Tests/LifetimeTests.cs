using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Cdc.FullPipeline.Tests;

public sealed class LifetimeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("full-pipeline-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Applying_again_after_a_restart_changes_nothing()
    {
        var (first, firstCounters) = await RunOnceAsync();
        var (second, secondCounters) = await RunOnceAsync();
        Assert.Equal(first, second);
        Assert.Equal(firstCounters, secondCounters);
        Assert.Equal(Truth.Answer("v_sales_year_on_year"), second[^1]);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_engine_too_and_is_no_failure()
    {
        await using var sample = await SampleProcess.StartReadyAsync(folder.FullName);
        var children = sample.Children;
        Assert.Equal(Environment.GetEnvironmentVariable("CLICKHOUSE_URL") is null ? 1 : 0, children.Count);

        Assert.Equal(0, await sample.InterruptAsync());
        Assert.Empty(sample.Errors);
        Assert.DoesNotContain(children, id => Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public async Task Ctrl_C_while_it_starts_is_no_failure_either()
    {
        await using var sample = SampleProcess.Start("--port", "0", "--data", folder.FullName);
        await sample.PageAsync();
        Assert.Equal(0, await sample.InterruptAsync());
        Assert.Empty(sample.Errors);
    }

    [Fact]
    public async Task An_engine_that_dies_ends_the_sample_with_one_clear_line()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CLICKHOUSE_URL") is not null, "CLICKHOUSE_URL is set: the sample starts no engine");
        await using var sample = await SampleProcess.StartReadyAsync(folder.FullName);
        using var engine = Process.GetProcessById(sample.Children.Single());
        engine.Kill();

        Assert.Equal(1, await sample.ExitAsync());
        Assert.Equal("The ClickHouse engine ended by itself. Start the sample again; its data is kept.", sample.Errors);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var sample = SampleProcess.Start("--port", $"{port}", "--data", folder.FullName);

        Assert.Equal(1, await sample.ExitAsync());
        Assert.Equal($"Port {port} is in use: name another with --port, or 0 for any free one.", sample.Errors);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_said_in_one_line_and_not_emptied()
    {
        await using var first = await SampleProcess.StartReadyAsync(folder.FullName);
        await using var second = SampleProcess.Start("--port", "0", "--data", folder.FullName, "--fresh");

        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal($"The data folder {folder.FullName} is in use by another run: stop that one, or name another with --data.", second.Errors);
        Assert.Equal(Truth.Answer("v_sales_by_country_region"), await AnswerTests.AnswerAsync(first, "v_sales_by_country_region"));
    }

    [Fact]
    public async Task Fresh_empties_what_a_run_made_and_nothing_else()
    {
        var mine = Path.Combine(folder.FullName, "mine.txt");
        var old = Path.Combine(folder.CreateSubdirectory("clickhouse").FullName, "old.txt");
        await File.WriteAllTextAsync(mine, "kept", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(old, "gone", TestContext.Current.CancellationToken);
        await using var sample = await SampleProcess.StartReadyAsync(folder.FullName, "--fresh");

        Assert.True(File.Exists(mine));
        Assert.False(File.Exists(old));
    }

    [Theory]
    [InlineData("Unknown argument --prot. --help shows what there is.", "--prot", "1")]
    [InlineData("--port needs a number from 0 to 65535.", "--port", "65536")]
    [InlineData("--data needs a folder.", "--data")]
    [InlineData("--rate needs a number up to 100000.", "generator", "--rate", "-1")]
    [InlineData("Unknown argument sink. --help shows what there is.", "sink")]
    [InlineData("Setting up a stack needs KAFKA_BOOTSTRAP and CONNECT_URL.", "setup")]
    [InlineData("serve is a part of a stack: it needs KAFKA_BOOTSTRAP and CONNECT_URL.", "serve")]
    [InlineData("The generator alone needs POSTGRES_URL.", "generator")]
    [InlineData("remove needs POSTGRES_URL: a PostgreSQL of the sample's own goes with its data folder (--fresh).", "remove")]
    public async Task A_wrong_argument_is_said_in_one_line(string message, params string[] arguments)
    {
        await using var sample = SampleProcess.Start(arguments);
        Assert.Equal(1, await sample.ExitAsync());
        Assert.Equal(message, sample.Errors);
    }

    [Theory]
    [InlineData("KAFKA_BOOTSTRAP and CONNECT_URL go together: set both, or neither.", "KAFKA_BOOTSTRAP=127.0.0.1:1")]
    [InlineData("CONNECT_URL is not an absolute http or https URL.", "KAFKA_BOOTSTRAP=127.0.0.1:1", "CONNECT_URL=localhost:8083")]
    [InlineData("POSTGRES_URL is not of the form postgres://user:password@host:5432/database.", "POSTGRES_URL=Host=localhost;Password=secret-1")]
    [InlineData("POSTGRES_BIN names a folder without initdb and postgres.", "POSTGRES_BIN=/")]
    public async Task A_wrong_variable_is_said_in_one_line_without_its_value(string message, params string[] variables)
    {
        await using var sample = SampleProcess.Start(variables.ToDictionary(v => v.Split('=', 2)[0], v => (string?)v.Split('=', 2)[1]), "--port", "0", "--data", folder.FullName);
        Assert.Equal(1, await sample.ExitAsync());
        Assert.Equal(message, sample.Errors);
    }

    [Fact]
    public async Task A_PostgreSQL_that_does_not_answer_is_said_in_one_line_without_its_password()
    {
        await using var sample = SampleProcess.Start(new Dictionary<string, string?> { ["POSTGRES_URL"] = "postgres://ada:secret-1@127.0.0.1:1/sales" }, "generator", "--data", folder.FullName);
        Assert.Equal(1, await sample.ExitAsync());
        Assert.StartsWith("PostgreSQL does not answer at 127.0.0.1:1: ", sample.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-1", sample.Errors + sample.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', sample.Errors);
    }

    [Fact]
    public async Task A_Kafka_Connect_that_never_answers_is_a_failure_and_no_quiet_end()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var environment = new Dictionary<string, string?> { ["POSTGRES_URL"] = "postgres://ada:secret-1@127.0.0.1:1/sales", ["KAFKA_BOOTSTRAP"] = "127.0.0.1:1", ["CONNECT_URL"] = $"http://{silent.LocalEndpoint}" };
        await using var sample = SampleProcess.Start(environment, "remove", "--data", folder.FullName);
        Assert.Equal(1, await sample.ExitAsync());
        Assert.StartsWith($"Kafka Connect does not answer at http://{silent.LocalEndpoint}/: ", sample.Errors, StringComparison.Ordinal);
    }

    private async Task<(List<List<string?[]>> Answers, string Counters)> RunOnceAsync()
    {
        await using var sample = await SampleProcess.StartReadyAsync(folder.FullName);
        var answers = new List<List<string?[]>>();
        foreach (var view in (string[])["v_sales_by_country_region", "v_top_employee_by_territory", "v_top_customers_by_region", "v_avg_customer_spend_by_region", "v_sales_year_on_year"])
        {
            answers.Add(await AnswerTests.AnswerAsync(sample, view));
        }

        var status = await sample.StatusAsync();
        Assert.Equal(0, await sample.InterruptAsync());
        return (answers, $"{status.GetProperty("counters")} {status.GetProperty("tables")}");
    }
}
