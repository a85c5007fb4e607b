using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// Four tables that change all the time: inserts, updates that leave a large value unchanged, updates of that value, deletes, changes of key,
/// rollbacks, transactions over several tables, and now and then a row that ClickHouse cannot hold. One table has REPLICA IDENTITY FULL.
/// </summary>
internal sealed class Workload(Postgres postgres, string schema, int seed)
{
    public static readonly string[] Tables = ["t1", "t2", "t3", "t4"];
    private readonly Random random = new(seed);

    public long Statements { get; private set; }

    public async Task CreateAsync()
    {
        await postgres.ExecuteAsync($"CREATE SCHEMA {schema}");
        foreach (var table in Tables)
        {
            await postgres.ExecuteAsync($"""
                CREATE TABLE {schema}.{table} (id bigint PRIMARY KEY, status text, amount numeric(12,2), at timestamptz NOT NULL, doc text);
                ALTER TABLE {schema}.{table} ALTER doc SET STORAGE EXTERNAL;
                INSERT INTO {schema}.{table} SELECT i, 'new', i * 1.25, '2024-01-01'::timestamptz + i * interval '1 second', repeat('doc ' || i, 600) FROM generate_series(1, 100) i;
                """);
        }

        await postgres.ExecuteAsync($"ALTER TABLE {schema}.t3 REPLICA IDENTITY FULL");
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunUntilItBreaksAsync(cancellationToken);
            }
            catch (PostgresException conflict) when (conflict.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation)
            {
                // Several writers meet: the transaction is rolled back, which the pipeline must bear as well.
            }
            catch (NpgsqlException) when (postgres.IsRestarting)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until source and target are equal by value.</summary>
    /// <param name="stack">Where they are.</param>
    /// <param name="process">What makes them equal.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="clickHouse">Another engine than the shared one.</param>
    /// <param name="more">What else to tell where they do not become equal.</param>
    public async Task AssertEqualAsync(RealParts stack, PipelineProcess process, TimeSpan within, Uri? clickHouse = null, Func<Task<string>>? more = null)
    {
        var clock = Stopwatch.StartNew();
        List<string> differences;
        while ((differences = await DifferencesAsync(stack, clickHouse)).Count > 0 && clock.Elapsed < within && !process.HasEnded) await Task.Delay(100);
        if (differences.Count == 0) return;
        Assert.Fail($"{differences.Count} rows differ: {string.Join('\n', differences.Take(6))}\n{string.Join('\n', process.Lines.TakeLast(20))}{(more is null ? "" : $"\n{await more()}")}");
    }

    /// <summary>The rows that source and target do not share.</summary>
    private async Task<List<string>> DifferencesAsync(RealParts stack, Uri? clickHouse)
    {
        var differences = new List<string>();
        foreach (var table in Tables)
        {
            var source = await RowsAsync(table);
            var exists = await stack.QueryAsync($"EXISTS TABLE {schema}.{table}", clickHouse) == "1";
            var target = exists ? (await stack.QueryAsync(StoredRows(table), clickHouse)).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
            differences.AddRange(source.Except(target).Select(r => $"{table} lacks {r}"));
            differences.AddRange(target.Except(source).Select(r => $"{table} has {r}"));
        }

        return differences;
    }

    private async Task RunUntilItBreaksAsync(CancellationToken cancellationToken)
    {
        await using var connection = await postgres.Data.OpenConnectionAsync(CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            for (var i = random.Next(1, 6); i > 0; i--) await ChangeAsync(connection);
            if (random.Next(10) == 0) await transaction.RollbackAsync(CancellationToken.None);
            else await transaction.CommitAsync(CancellationToken.None);
            await Task.Delay(random.Next(5, 15), CancellationToken.None);
        }
    }

    /// <summary>The rows that ClickHouse can hold as text, one line each, the same from PostgreSQL and from ClickHouse.</summary>
    private Task<List<string>> RowsAsync(string table) => postgres.LinesAsync(
        $"SELECT concat_ws('|', id::text, coalesce(status, '-'), coalesce(amount::text, '-'), to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), coalesce(length(doc)::text || md5(doc), '-')) FROM {schema}.{table} WHERE at < '2300-01-01' ORDER BY id");

    private string StoredRows(string table) =>
        $"SELECT concatWithSeparator('|', toString(id), ifNull(status, '-'), ifNull(toDecimalString(amount, 2), '-'), toString(at), ifNull(toString(length(doc)) || lower(hex(MD5(doc))), '-')) FROM {schema}.{table} FINAL ORDER BY id FORMAT TSVRaw";

    private async Task ChangeAsync(NpgsqlConnection connection)
    {
        var table = $"{schema}.{Tables[random.Next(Tables.Length)]}";
        var id = random.Next(1, 400);
        var sql = random.Next(60) == 0 ? $"INSERT INTO {table} VALUES ({100_000 + Statements}, 'poison', 1, '3000-01-01', NULL)" : random.Next(12) switch
        {
            0 or 1 or 2 => $"INSERT INTO {table} VALUES ({id}, 'new', {Amount()}, now(), repeat(md5(random()::text), 100)) ON CONFLICT (id) DO UPDATE SET status = 'again', amount = {Amount()}",
            3 => $"DELETE FROM {table} WHERE id = {id}",
            4 => $"UPDATE {table} SET doc = repeat(md5(random()::text), 90) WHERE id = {id}",
            5 => $"UPDATE {table} SET id = {id + 1000 + random.Next(1000)}, doc = repeat(md5(random()::text), 80) WHERE id = {id} AND NOT EXISTS (SELECT 1 FROM {table} WHERE id >= 1000)",
            6 => $"UPDATE {table} SET amount = NULL, status = NULL WHERE id = {id}",
            _ => $"UPDATE {table} SET status = 's{random.Next(1000)}', amount = {Amount()}, at = now() WHERE id = {id}",
        };
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        Statements++;
    }

    private string Amount() => (random.Next(1_000_000) / 100m).ToString(CultureInfo.InvariantCulture);
}
