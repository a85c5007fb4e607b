using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cdc.Hosting.Tests;

public sealed class SettingsTests(Engine engine)
{
    private readonly string database = Engine.NewDatabase();

    private static async Task<string> ProblemsAsync(Action<IServiceCollection> add, params (string, string?)[] configuration)
    {
        using var host = new TestHost((services, _) => add(services), configuration);
        var error = await Assert.ThrowsAnyAsync<OptionsValidationException>(host.StartAsync);
        Assert.IsType<CdcConfigurationException>(error);
        return error.Message;
    }

    [Fact]
    public async Task Configuration_and_code_together_make_a_pipeline_and_code_has_the_last_word()
    {
        var source = await StepSource.OfAsync("seed.jsonl.gz");
        using var host = new TestHost(
            (s, _) => s.AddCdc("sales", cdc => cdc.From(_ => source).ToClickHouse(o => o.Database = database)),
            [
                ("Cdc:sales:ClickHouse:Endpoint", engine.Endpoint.ToString()), ("Cdc:sales:ClickHouse:Database", "overridden"), ("Cdc:Sales:clickhouse:tables:franco.sales:Table", "orders"),
                ("Cdc:sales:Pipeline:FlushInterval", "00:00:00.1"), ("Cdc:sales:Debezium:decimal.handling.mode", "precise"), ("Cdc:sales:Debezium:TimePrecisionMode", "adaptive_time_microseconds"),
            ]);

        await host.StartAsync();
        await Engine.UntilAsync(() => host.Status.Tables.Sum(t => t.Applied) == 1225, "everything is applied");

        Assert.Equal("784", await engine.QueryAsync($"SELECT count() FROM {database}.orders_current"));
        Assert.Contains(source.Committed, c => c.Topic == "seed.franco.sales");
        Assert.NotEqual("0", await engine.QueryAsync($"SELECT count() FROM {database}._cdc_ledger FINAL"));
        await host.StopAsync();
    }

    [Fact]
    public async Task All_problems_of_all_pipelines_come_in_one_message()
    {
        var problems = await ProblemsAsync(
            s => s.AddCdc("orders").AddCdc("sales", cdc => cdc.Pipeline(o => o.FlushInterval = TimeSpan.Zero)),
            ("Cdc:orders:ClickHouse:Endpoint", "http://elsewhere:8123"), ("Cdc:orders:Kafka:Topicz:0", "typo"), ("Cdc:orders:Clickhause:Endpoint", "typo"), ("Cdc:ordres:Kafka:GroupId", "typo"),
            ("Cdc:sales:Kafka:BootstrapServers", "localhost:1"), ("Cdc:sales:Hosting:RestartDelay", "-00:00:01"), ("Cdc:sales:DeadLetters:To", "File"), ("Cdc:sales:Catalog", "no such file"));

        foreach (var part in new[]
        {
            "Cdc:orders:Kafka:Topicz is no setting; is Topics meant?", "Cdc:orders:Clickhause is no setting; is ClickHouse meant?", "Cdc:ordres names no pipeline that was added; is orders meant?",
            "Cdc:orders:Kafka: ", "plain HTTP", "Cdc:sales:Kafka: ", "GroupId", "Cdc:sales:ClickHouse: ", "Cdc:sales:Pipeline: ", "Cdc:sales:Hosting: RestartDelay", "Cdc:sales:DeadLetters: File", "Cdc:sales:Catalog",
        })
        {
            Assert.Contains(part, problems, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Kafka:SessionTimeout", "canary", "no time such as 00:00:05")]
    [InlineData("Kafka:SessionTimeout", "45", "no time such as 00:00:05")]
    [InlineData("Kafka:MaxMessageBytes", "canary", "no whole number")]
    [InlineData("Kafka:Topics", "canary", "is a list")]
    [InlineData("Kafka:GroupId:0", "canary", "is one value")]
    [InlineData("Kafka:OnGap", "canary", "none of Stop, StartOver")]
    [InlineData("Kafka:OnGap", "1", "none of Stop, StartOver")]
    [InlineData("Kafka:Configuration", "canary", "named entries")]
    [InlineData("ClickHouse", "canary", "is a section of settings")]
    [InlineData("ClickHouse:Endpoint", "://user:canary@host", "no absolute address")]
    [InlineData("ClickHouse:Endpoint", "http://user:canary@localhost", "holds credentials")]
    [InlineData("ClickHouse:AllowPlainHttp", "canary", "neither true nor false")]
    [InlineData("ClickHouse:CredentialProvider", "canary", "in code only")]
    [InlineData("ClickHouse:Retry:MinDelai", "canary", "is MinDelay meant?")]
    [InlineData("ClickHouse:Tables:public.orders:Columns:a:Typ", "canary", "is Type meant?")]
    [InlineData("Debezium:ReplicaIdentities:public.orders", "canary", "none of Unknown, Default, Full, Index")]
    public async Task A_setting_that_cannot_be_read_is_named_by_its_path_and_its_value_is_not_shown(string key, string value, string words)
    {
        var problems = await ProblemsAsync(s => s.AddCdc("orders"), ($"Cdc:orders:{key}", value), ("Cdc:orders:ClickHouse:Password", "canary"));

        Assert.Contains(words, problems, StringComparison.Ordinal);
        Assert.Contains($"Cdc:orders:{key.Split(':')[0]}", problems, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_makes_no_part_of_the_users()
    {
        var made = 0;
        await ProblemsAsync(s => s.AddCdc("sales", cdc => cdc.Hosting(o => o.ReadyWithin = TimeSpan.Zero)
            .From(_ => throw new InvalidOperationException($"{++made}")).Reader(_ => throw new InvalidOperationException($"{++made}"))
            .To(_ => throw new InvalidOperationException($"{++made}")).DeadLetters(_ => throw new InvalidOperationException($"{++made}"))));

        Assert.Equal(0, made);
    }

    [Fact]
    public void A_name_can_be_given_once()
    {
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddCdc("a").AddCdc("A"));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddCdc("a:b"));
    }

    [Fact]
    public async Task Every_setting_of_the_options_can_be_configured_or_says_that_it_cannot()
    {
        // A type of setting that the binder does not know would be refused as one for code only.
        var codeOnly = new List<string>();
        foreach (var (section, type) in new[] { ("Kafka", typeof(Kafka.KafkaSourceOptions)), ("Postgres", typeof(Postgres.PostgresOptions)), ("Debezium", typeof(Debezium.DebeziumOptions)), ("ClickHouse", typeof(ClickHouse.ClickHouseOptions)), ("Pipeline", typeof(PipelineOptions)), ("Hosting", typeof(CdcHostingOptions)), ("DeadLetters", typeof(Kafka.KafkaDeadLetterOptions)) })
        {
            foreach (var property in type.GetProperties())
            {
                var problems = await ProblemsAsync(s => s.AddCdc("orders"), ($"Cdc:orders:{section}:{property.Name}", "canary"));
                if (problems.Contains($"{property.Name} can be set in code only", StringComparison.Ordinal)) codeOnly.Add(property.Name);
            }
        }

        Assert.Equal(["CredentialProvider", "HttpMessageHandler"], codeOnly.Order());
    }
}
