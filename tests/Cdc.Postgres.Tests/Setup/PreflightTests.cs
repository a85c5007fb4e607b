using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Tests.Setup;

public sealed class PreflightTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_has_everything_has_no_fatal_finding()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE SCHEMA fine; CREATE TABLE fine.t (id int PRIMARY KEY, v int); CREATE PUBLICATION fine FOR TABLE fine.t");
        var findings = await CheckAsync(new SetupRequest("fine", "fine") { CreateSlot = true, Tables = [new("", "fine", "t")] });
        Assert.Equal(["max_slot_wal_keep_size"], findings.Select(f => f.Subject));
        Preflight.ThrowIfFatal(findings);
    }

    [Fact]
    public async Task Each_table_that_cannot_be_mirrored_is_named_with_the_sql_that_mends_it()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE SCHEMA "bad tables";
            CREATE TABLE "bad tables".keyless (v int);
            CREATE TABLE "bad tables".nothing (id int PRIMARY KEY);
            ALTER TABLE "bad tables".nothing REPLICA IDENTITY NOTHING;
            CREATE TABLE "bad tables".indexed (id int PRIMARY KEY, other int NOT NULL UNIQUE);
            ALTER TABLE "bad tables".indexed REPLICA IDENTITY USING INDEX indexed_other_key;
            CREATE TABLE "bad tables".late (id int PRIMARY KEY DEFERRABLE);
            CREATE TABLE "bad tables"."A;drop" (id int PRIMARY KEY);
            CREATE PUBLICATION "bad pub" FOR TABLE "bad tables".keyless, "bad tables".nothing, "bad tables".indexed, "bad tables".late WITH (publish = 'insert, update');
            """);
        var findings = await CheckAsync(new SetupRequest("bad_tables", "bad pub") { CreateSlot = true, Tables = [new("", "bad tables", "A;drop"), new("", "bad tables", "none")] });

        Assert.Equal((PostgresFindingSeverity.Warning, true), Find(findings, "table bad tables.keyless", "REPLICA IDENTITY FULL"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "table bad tables.nothing", "ALTER TABLE \"bad tables\".\"nothing\" REPLICA IDENTITY DEFAULT;"));
        Assert.Equal((PostgresFindingSeverity.Warning, true), Find(findings, "table bad tables.indexed", "REPLICA IDENTITY DEFAULT"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "table bad tables.late", "ADD PRIMARY KEY (\"id\")"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "table bad tables.none", "create it"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "publication bad pub", "ALTER PUBLICATION \"bad pub\" ADD TABLE \"bad tables\".\"A;drop\";"));
        Assert.Contains(findings, f => f.Subject == "publication bad pub" && f.Severity == PostgresFindingSeverity.Fatal && f.Problem.Contains("delete", StringComparison.Ordinal));
        var failure = Assert.Throws<PostgresSourceException>(() => Preflight.ThrowIfFatal(findings));
        Assert.Equal(findings, failure.Findings);
        Assert.All(findings.Where(f => f.Severity == PostgresFindingSeverity.Fatal), f => Assert.Contains(f.Fix!, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_sql_of_the_findings_mends_them()
    {
        var server = fixture.Server;
        await server.ExecuteAsync(
            """
            CREATE ROLE mender LOGIN;
            CREATE SCHEMA mend;
            CREATE TABLE mend.a (id int PRIMARY KEY, v text);
            ALTER TABLE mend.a REPLICA IDENTITY NOTHING;
            CREATE UNLOGGED TABLE mend.b (id int PRIMARY KEY);
            CREATE TABLE mend.c (id int PRIMARY KEY);
            ALTER TABLE mend.c ENABLE ROW LEVEL SECURITY;
            """);
        await using var data = NpgsqlDataSource.Create(server.Connection("mender", "postgres"));
        var request = new SetupRequest("mend", "mend") { Tables = [new("", "mend", "a"), new("", "mend", "b"), new("", "mend", "c")] };
        var rounds = 0;
        while (true)
        {
            await using var connection = await data.OpenConnectionAsync(Token);
            var fatal = (await Preflight.RunAsync(connection, request, Token)).Where(f => f.Severity == PostgresFindingSeverity.Fatal).ToList();
            if (fatal.Count == 0) break;
            Assert.True(rounds++ < 4, string.Join("\n", fatal));

            // A slot must come after its publication.
            foreach (var finding in fatal.OrderBy(f => f.Subject.StartsWith("publication", StringComparison.Ordinal) ? 1 : f.Subject.StartsWith("slot", StringComparison.Ordinal) ? 2 : 0))
            {
                await server.ExecuteAsync(finding.Fix!);
            }
        }

        Assert.InRange(rounds, 1, 4);
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('mend')");
    }

    [Fact]
    public async Task A_role_without_rights_learns_each_right_that_is_missing()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE ROLE poor LOGIN; CREATE SCHEMA poor; CREATE TABLE poor.t (id int PRIMARY KEY, v int)");
        await using var data = NpgsqlDataSource.Create(server.Connection("poor", "postgres"));
        await using var connection = await data.OpenConnectionAsync(Token);
        var findings = await Preflight.RunAsync(connection, new SetupRequest("poor", "poor") { CreateSlot = true, CreatePublication = true, Tables = [new("", "poor", "t")] }, Token);
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "role poor", "ALTER ROLE \"poor\" REPLICATION;"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "schema poor", "GRANT USAGE ON SCHEMA \"poor\" TO \"poor\";"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "table poor.t", "GRANT SELECT ON \"poor\".\"t\" TO \"poor\";"));
        Assert.Contains(findings, f => f.Fix?.StartsWith("GRANT CREATE ON DATABASE", StringComparison.Ordinal) == true);
        Assert.Contains(findings, f => f.Problem.Contains("does not own poor.t", StringComparison.Ordinal));
        var all = await Preflight.RunAsync(connection, new SetupRequest("poor", "poor") { CreateSlot = true, CreatePublication = true }, Token);
        Assert.Contains(all, f => f.Problem.Contains("superuser", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slot_of_another_kind_or_another_database_is_refused()
    {
        var server = fixture.Server;
        await server.ExecuteAsync("CREATE PUBLICATION kinds");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('kind_plugin', 'test_decoding')");
        await server.ExecuteAsync("SELECT pg_create_logical_replication_slot('kind_phase', 'pgoutput', false, true)");
        Assert.Contains(await CheckAsync(new SetupRequest("kind_plugin", "kinds")), f => f is { Severity: PostgresFindingSeverity.Fatal } && f.Problem.Contains("test_decoding", StringComparison.Ordinal));
        Assert.Contains(await CheckAsync(new SetupRequest("kind_phase", "kinds")), f => f is { Severity: PostgresFindingSeverity.Fatal } && f.Problem.Contains("two-phase", StringComparison.Ordinal));
        Assert.Contains(await CheckAsync(new SetupRequest("kind_none", "kinds")), f => f is { Severity: PostgresFindingSeverity.Fatal, Fix: "SELECT pg_create_logical_replication_slot('kind_none', 'pgoutput'); -- after the publication" });
        Assert.Contains(await CheckAsync(new SetupRequest("Kind", "kinds")), f => f.Problem.Contains("no slot's name", StringComparison.Ordinal));
        await server.ExecuteAsync("CREATE DATABASE kinds");
        await using var other = NpgsqlDataSource.Create(server.Connection("cdc", "kinds"));
        await using var connection = await other.OpenConnectionAsync(Token);
        Assert.Contains(await Preflight.RunAsync(connection, new SetupRequest("kind_phase", "kinds"), Token), f => f.Problem.Contains("belongs to the database postgres", StringComparison.Ordinal));
        await server.ExecuteAsync("SELECT pg_drop_replication_slot('kind_plugin'), pg_drop_replication_slot('kind_phase')");
    }

    [Fact]
    public async Task A_server_whose_settings_forbid_it_says_which_to_change()
    {
        await using var server = await DatabaseServer.StartAsync("-c wal_level=replica -c max_replication_slots=0 -c max_wal_senders=0 -c max_slot_wal_keep_size=64MB");
        await using var connection = await server.Data.OpenConnectionAsync(Token);
        var findings = await Preflight.RunAsync(connection, new SetupRequest("s", "p") { CreateSlot = true, CreatePublication = true }, Token);
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "wal_level", "ALTER SYSTEM SET wal_level = 'logical'"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "max_replication_slots", "ALTER SYSTEM SET max_replication_slots = 4"));
        Assert.Equal((PostgresFindingSeverity.Fatal, true), Find(findings, "max_wal_senders", "ALTER SYSTEM SET max_wal_senders = 4"));
        Assert.Contains(findings, f => f is { Subject: "max_slot_wal_keep_size", Severity: PostgresFindingSeverity.Note } && f.Problem.Contains("64 MB", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<PostgresFinding>> CheckAsync(SetupRequest request)
    {
        await using var connection = await fixture.Server.Data.OpenConnectionAsync(Token);
        return await Preflight.RunAsync(connection, request, Token);
    }

    private static (PostgresFindingSeverity Severity, bool HasFix) Find(IReadOnlyList<PostgresFinding> findings, string subject, string fix)
    {
        var found = findings.Where(f => f.Subject == subject).ToList();
        Assert.True(found.Count > 0, $"Nothing was found about {subject}: {string.Join("; ", findings)}");
        return (found[0].Severity, found.Any(f => f.Fix?.Contains(fix, StringComparison.Ordinal) == true));
    }
}
