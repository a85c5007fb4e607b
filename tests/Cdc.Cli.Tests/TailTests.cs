using System.Diagnostics;
using System.Text.Json;
using Cdc.Postgres.Tests;

namespace Cdc.Cli.Tests;

public sealed class TailTests(ServerFixture fixture) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("cdc-cli-").FullName;
    private readonly string name = $"tail_{Guid.NewGuid():N}";

    private DatabaseServer Server => fixture.Server;

    private string Address => $"postgres://cdc@127.0.0.1:{Server.Port}/postgres";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Server.ExecuteAsync($"CREATE SCHEMA {name}; CREATE TABLE {name}.orders (id int PRIMARY KEY, note text, total numeric); CREATE TABLE {name}.items (id bigint PRIMARY KEY); CREATE TABLE {name}.keyless (v int); ALTER TABLE {name}.orders REPLICA IDENTITY FULL");
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        await Server.ExecuteAsync($"DROP SCHEMA {name} CASCADE; DROP PUBLICATION IF EXISTS {name}");
        Assert.Equal(0, await Server.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'cdc_tail_%' AND active"));
    }

    private Task PublishAsync() => Server.ExecuteAsync($"CREATE PUBLICATION {name} FOR TABLE {name}.orders, {name}.items");

    /// <summary>Starts the tool and waits until it shows what comes.</summary>
    private Task<Process> StartAsync(params string[] arguments) => StartAtAsync(Address, arguments);

    private async Task<Process> StartAtAsync(string address, params string[] arguments)
    {
        var process = Tool.Start(folder, ["tail", address, .. arguments]);
        var line = await process.StandardError.ReadLineAsync(Cancelled);
        Assert.True(line?.StartsWith("Changes of publication", StringComparison.Ordinal), $"{line}\n{(process.HasExited ? await process.StandardError.ReadToEndAsync(Cancelled) : "")}");
        return process;
    }

    private static async Task<string> EndAsync(Process process, int exitCode)
    {
        var output = await process.StandardOutput.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        Assert.Equal(exitCode, process.ExitCode);
        return output;
    }

    [Fact]
    public async Task Changes_are_shown_with_their_transaction_and_what_they_change_until_it_is_interrupted()
    {
        await PublishAsync();
        using var process = await StartAsync("--publication", name);
        await Server.ExecuteAsync($"BEGIN; INSERT INTO {name}.orders VALUES (1, 'new', 1.10); UPDATE {name}.orders SET note = 'old' WHERE id = 1; COMMIT");
        await Server.ExecuteAsync($"UPDATE {name}.orders SET id = 2; DELETE FROM {name}.orders; TRUNCATE {name}.items");
        var lines = new List<string>();
        while (lines.Count(l => l.StartsWith("COMMIT", StringComparison.Ordinal)) < 2) lines.Add((await process.StandardOutput.ReadLineAsync(Cancelled))!);
        Assert.Equal(1, await Server.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'cdc_tail_%' AND temporary"));
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await EndAsync(process, 130);

        Assert.Matches("^BEGIN [0-9]+, committed at [0-9A-F]+/[0-9A-F]+, [0-9-]+ [0-9:.]+Z$", lines[0]);
        Assert.Matches($"^[0-9:.]+ INSERT {name}.orders id=1 version 0/[0-9]+/[0-9]+/8$", lines[1]);
        Assert.Equal(["    note: \"new\"", "    total: 1.10"], lines[2..4]);
        Assert.Contains($"UPDATE {name}.orders id=1", lines[4], StringComparison.Ordinal);
        Assert.Equal("    note: \"new\" → \"old\"", lines[5]);
        Assert.Matches("^COMMIT [0-9]+, 2 changes shown$", lines[6]);
        Assert.Contains(lines, l => l.Contains($"INSERT {name}.orders id=2 moved from id=1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains($"TRUNCATE {name}.items", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains('\u001b'));
    }

    [Fact]
    public async Task JSON_holds_every_value_exactly_and_the_filters_choose_what_is_shown()
    {
        await PublishAsync();
        using var process = await StartAsync("--publication", name, "--json", "--table", $"{name}.orders", "--operation", "insert", "--operation", "delete", "--max", "2");
        await Server.ExecuteAsync($"INSERT INTO {name}.items VALUES (1); INSERT INTO {name}.orders VALUES (7, repeat('ä', 1000), 12345678901234567890.123450); UPDATE {name}.orders SET note = NULL; DELETE FROM {name}.orders");
        var lines = (await EndAsync(process, 0)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.Equal(["insert", "delete"], lines.Select(l => l.GetProperty("operation").GetString()));
        Assert.Equal(new string('ä', 1000), lines[0].GetProperty("after").GetProperty("note").GetString());
        Assert.Equal("12345678901234567890.123450", lines[0].GetProperty("after").GetProperty("total").GetRawText());
        Assert.Equal(7, lines[1].GetProperty("key").GetProperty("id").GetInt32());
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("before").GetProperty("note").ValueKind);
        Assert.Equal(lines[0].GetProperty("transaction").GetString(), lines[1].GetProperty("transaction").GetString());
    }

    [Fact]
    public async Task A_slot_of_the_users_stays_where_it_is()
    {
        await PublishAsync();
        await Server.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");
        await Server.ExecuteAsync($"INSERT INTO {name}.items SELECT generate_series(1, 3)");
        var before = await Server.ScalarAsync<string>($"SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '{name}'");
        using (var process = await StartAtAsync($"{Address}?application_name={name}&options=-c%20wal_sender_timeout%3D2000", "--publication", name, "--slot", name, "--json"))
        {
            for (var i = 0; i < 3; i++) Assert.Contains("\"insert\"", await process.StandardOutput.ReadLineAsync(Cancelled), StringComparison.Ordinal);

            // The server asks what was received: the answer must not say that anything is durable.
            var deadline = Stopwatch.StartNew();
            while (await Server.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{name}' AND write_lsn > '{before}' AND reply_time > backend_start + '2 s'::interval") == 0)
            {
                Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30), "no answer reached the server");
                await Task.Delay(50, Cancelled);
            }

            using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
            await EndAsync(process, 130);
        }

        Assert.Equal(before, await Server.ScalarAsync<string>($"SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '{name}'"));
        using (var again = await StartAsync("--publication", name, "--slot", name, "--json", "--max", "3"))
        {
            Assert.Equal(3, (await EndAsync(again, 0)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }

        Assert.Equal(before, await Server.ScalarAsync<string>($"SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '{name}'"));
        await Server.ExecuteAsync($"SELECT pg_drop_replication_slot('{name}')");
    }

    [Fact]
    public async Task Without_a_publication_it_says_the_SQL_and_creates_one_only_when_told_to_and_drops_it()
    {
        var without = await Tool.RunAsync(folder, "tail", Address, "--publication", name, "--table", $"{name}.items");
        Assert.Equal(3, without.ExitCode);
        Assert.Contains($"CREATE PUBLICATION \"{name}\" FOR TABLE \"{name}\".\"items\"", without.Error, StringComparison.Ordinal);

        using (var process = await StartAsync("--publication", name, "--create-publication", "--max", "1"))
        {
            // What is published without a key could not be updated.
            await Server.ExecuteAsync($"INSERT INTO {name}.keyless VALUES (1); UPDATE {name}.keyless SET v = 2; INSERT INTO {name}.items VALUES (1)");
            Assert.Contains($"INSERT {name}.items id=1", await EndAsync(process, 0), StringComparison.Ordinal);
        }

        Assert.Equal(0, await Server.ScalarAsync<long>($"SELECT count(*) FROM pg_publication WHERE pubname = '{name}'"));
        var keyless = await Tool.RunAsync(folder, "tail", Address, "--publication", name, "--create-publication", "--table", $"{name}.keyless");
        Assert.Equal(3, keyless.ExitCode);
        Assert.Contains("REPLICA IDENTITY FULL", keyless.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_cannot_steer_the_terminal_and_a_long_one_is_shortened_with_its_length()
    {
        await PublishAsync();
        using var process = await StartAsync("--publication", name, "--max", "2");
        await Server.ExecuteAsync($"INSERT INTO {name}.orders VALUES (1, E'\\x1b[2J\\u009b2J', 0), (2, repeat('x', 5000), 0)");
        var output = await EndAsync(process, 0);

        Assert.DoesNotContain(output, c => char.IsControl(c) && c != '\n');
        Assert.Contains("xxx… (5,002 characters)", output, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 100), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_gives_one_line_without_the_password()
    {
        var (exitCode, output, error) = await Tool.RunAsync(folder, "tail", "Host=127.0.0.1;Port=1;Database=shop;Username=me;Password=canary", "--publication", "shop");

        Assert.Equal(3, exitCode);
        Assert.Empty(output);
        Assert.Contains("cannot be shown", error, StringComparison.Ordinal);
        Assert.Contains("PGPASSWORD", error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error, StringComparison.Ordinal);
    }
}
