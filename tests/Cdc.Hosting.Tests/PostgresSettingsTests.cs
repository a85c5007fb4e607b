using Microsoft.Extensions.DependencyInjection;

namespace Cdc.Hosting.Tests;

public sealed class PostgresSettingsTests
{
    private static readonly (string, string?)[] Complete =
        [("Cdc:orders:Postgres:ConnectionString", "Host=localhost;Database=shop;Username=cdc;Password=canary"), ("Cdc:orders:Postgres:Slot", "shop"), ("Cdc:orders:Postgres:Publication", "shop"), ("Cdc:orders:ClickHouse:Endpoint", "http://localhost:8123")];

    private static async Task<string> ProblemsAsync(Action<CdcBuilder>? configure, params (string, string?)[] more)
    {
        using var host = new TestHost((s, _) => s.AddCdc("orders", configure), [.. Complete.ExceptBy(more.Select(m => m.Item1), c => c.Item1), .. more]);
        var problems = (await Assert.ThrowsAsync<CdcConfigurationException>(host.StartAsync)).Message;
        Assert.DoesNotContain("canary", problems, StringComparison.Ordinal);
        return problems;
    }

    [Theory]
    [InlineData("Postgres:ConnectionString", "canary", "ConnectionString is not one of Npgsql's")]
    [InlineData("Postgres:ConnectionString", "Host=canary", "ConnectionString names no Database")]
    [InlineData("Postgres:Slot", "Not A Slot", "Slot must be")]
    [InlineData("Postgres:Publication", " ", "Publication is empty")]
    [InlineData("Postgres:Tables", "canary", "is a list")]
    [InlineData("Postgres:Tables:0", "orders", "is not schema.table")]
    [InlineData("Postgres:Table:0", "public.orders", "is Tables meant?")]
    [InlineData("Postgres:FeedbackInterval", "10", "no time such as")]
    [InlineData("Postgres:SnapshotConnections", "0", "must be 1 to 64")]
    [InlineData("Hosting:Ledger", "false", "Cdc:orders:Hosting:Ledger is false; PostgreSQL's log is read on by the ledger")]
    [InlineData("Hosting:MaxRetainedBytes", "0", "MaxRetainedBytes is 0")]
    [InlineData("Kafka:GroupId", "orders", "has the sections Kafka and Postgres")]
    [InlineData("DeadLetters:To", "Kafka", "Cdc:orders:DeadLetters: ")]
    [InlineData("DeadLetters:File", "/no/such/folder/letters.jsonl", "the folder of File does not exist")]
    public async Task A_setting_that_does_not_fit_PostgreSQL_is_named_by_its_path_and_its_value_is_not_shown(string key, string value, string words) =>
        Assert.Contains(words, await ProblemsAsync(null, ($"Cdc:orders:{key}", value)), StringComparison.Ordinal);

    [Fact]
    public async Task What_code_says_against_PostgreSQL_is_refused()
    {
        Assert.Contains("leave Debezium out", await ProblemsAsync(cdc => cdc.FromPostgres().Debezium()), StringComparison.Ordinal);
        Assert.Contains("a sink of your own", await ProblemsAsync(cdc => cdc.FromPostgres().To(_ => throw new InvalidOperationException())), StringComparison.Ordinal);
        Assert.Contains("Slot must be", await ProblemsAsync(cdc => cdc.FromPostgres(o => o.Slot = "")), StringComparison.Ordinal);

        // Who says Kafka in code is told what Kafka lacks, whatever sections there are.
        Assert.Contains("Cdc:orders:Kafka: ", await ProblemsAsync(cdc => cdc.FromKafka()), StringComparison.Ordinal);
    }
}
