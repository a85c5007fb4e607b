using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Cdc.EndToEnd.Tests.Same;

/// <summary>A database with the corpus' tables, one publication of all of them, and two slots made at the same point of the log.</summary>
internal sealed class SameDatabase(RealParts stack, string name) : IAsyncDisposable
{
    /// <summary>The row that both ways deliver last.</summary>
    public const string Last = "the last row";

    public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(stack.Postgres.ConnectionString) { Database = name }.ConnectionString;

    public string Name => name;

    /// <summary>Debezium's slot.</summary>
    public string OtherSlot => $"{name}_debezium";

    public async Task CreateAsync()
    {
        await stack.Postgres.ExecuteAsync($"CREATE DATABASE {name}");
        await ScriptAsync("00_schema");
        await ScriptAsync("10_snapshot");
        await ExecuteAsync($"CREATE PUBLICATION {name} FOR ALL TABLES");
        await ExecuteAsync($"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");
        await ExecuteAsync($"SELECT pg_create_logical_replication_slot('{OtherSlot}', 'pgoutput')");
    }

    /// <summary>Runs the workload.</summary>
    /// <returns>A position of the log behind all of it but the two last rows: where Debezium has confirmed it, the workload is in its topics.</returns>
    public async Task<string> ChangeAsync()
    {
        await ScriptAsync("20_stream");
        await ScriptAsync("30_evolve");
        var end = (await stack.Postgres.LinesAsync("SELECT pg_current_wal_lsn()::text"))[0];
        await ExecuteAsync("INSERT INTO evo.trunc2 VALUES (999999, 'the last row but one')");
        await ExecuteAsync($"INSERT INTO evo.trunc2 VALUES (1000000, '{Last}')");
        return end;
    }

    public Task ConfirmedAsync(string position) => RealParts.UntilAsync(
        async () => (await stack.Postgres.LinesAsync($"SELECT 'yes' FROM pg_replication_slots WHERE slot_name = '{OtherSlot}' AND confirmed_flush_lsn >= '{position}'")).Count > 0, TimeSpan.FromMinutes(2), "Debezium confirms the workload");

    public static bool IsLast(ChangeEvent change) => change.Shape.Table.Name == "trunc2" && change.Operation == ChangeOperation.Insert && change.After[1] is { State: CellState.Value } v && v.GetString() == Last;

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stack.RemoveConnectorAsync(name);
        await stack.Postgres.LinesAsync($"SELECT pg_terminate_backend(active_pid)::text FROM pg_replication_slots WHERE database = '{name}' AND active");
        await RealParts.UntilAsync(
            async () =>
            {
                await stack.Postgres.LinesAsync($"SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE database = '{name}' AND NOT active");
                return (await stack.Postgres.LinesAsync($"SELECT slot_name::text FROM pg_replication_slots WHERE database = '{name}'")).Count == 0;
            },
            TimeSpan.FromSeconds(30),
            "the slots are dropped");
        NpgsqlConnection.ClearAllPools();
        await stack.Postgres.ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
    }

    private async Task ScriptAsync(string script)
    {
        var start = new ProcessStartInfo("psql", ["-h", "127.0.0.1", "-p", stack.Postgres.Port.ToString(CultureInfo.InvariantCulture), "-U", "cdc", "-d", name, "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", Path.Combine(Corpus(), "sql", $"{script}.sql")]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}");
    }

    private static string Corpus()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var corpus = Path.Combine(folder.FullName, "corpus");
            if (Directory.Exists(Path.Combine(corpus, "sql"))) return corpus;
        }

        throw new DirectoryNotFoundException("tests/corpus is missing");
    }
}
