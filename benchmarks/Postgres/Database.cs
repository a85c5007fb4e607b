using System.Globalization;
using Npgsql;

namespace Cdc.Benchmarks.Postgres;

/// <summary>The database that is read: a table of sales as the sample has it, its publication, and the changes.</summary>
internal sealed class Database(string connectionString) : IAsyncDisposable
{
    public const string Publication = "cdc_bench";

    private readonly NpgsqlDataSource data = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0 }.ConnectionString);

    public NpgsqlConnectionStringBuilder Where { get; } = new(connectionString);

    public async Task CreateAsync(int rows)
    {
        await DropAsync();
        await ExecuteAsync($"""
            CREATE SCHEMA cdc_bench;
            CREATE TABLE cdc_bench.sales (
                sales_id bigint PRIMARY KEY, sales_order_id integer NOT NULL, order_date date, due_date date, order_time timestamptz NOT NULL, customer_id integer, territory_id integer,
                employee_id integer, order_qty smallint, unit_price numeric(12,4) NOT NULL, discount numeric(5,4), line_total numeric(14,4) NOT NULL, is_online boolean, comment text);
            INSERT INTO cdc_bench.sales SELECT i, i / 3, date '2020-01-01' + (i % 2000), date '2020-01-08' + (i % 2000), timestamptz '2024-01-01 00:00:00.123456Z' + i * interval '1 second',
                i % 20000, i % 10, i % 300, i % 40, (i % 100000) * 0.0123, (i % 30) * 0.01, (i % 1000000) * 1.2345, i % 2 = 0, CASE WHEN i % 3 > 0 THEN 'Carrier tracking number ' || md5(i::text) END
            FROM generate_series(1, {Text(rows)}) i;
            CREATE PUBLICATION {Publication} FOR TABLE cdc_bench.sales;
            """);
        await ExecuteAsync("VACUUM (ANALYZE, FREEZE) cdc_bench.sales");
    }

    /// <summary>The changes: half of them in one transaction, half in transactions of a hundred; each updates one row.</summary>
    public async Task ChangeAsync(int changes)
    {
        await ExecuteAsync($"UPDATE cdc_bench.sales SET order_qty = order_qty + 1, line_total = line_total + 1 WHERE sales_id <= {Text(changes / 2)}");
        await ExecuteAsync($"""
            DO $$ BEGIN FOR i IN 0..{Text((changes / 2 / 100) - 1)} LOOP
                UPDATE cdc_bench.sales SET order_qty = order_qty + 1, line_total = line_total + 1 WHERE sales_id > i * 100 AND sales_id <= i * 100 + 100;
                COMMIT;
            END LOOP; END $$
            """);
        await ExecuteAsync("CHECKPOINT");
    }

    public Task CreateSlotAsync(string name) => ExecuteAsync($"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')");

    public async Task<string> PositionAsync()
    {
        await using var command = data.CreateCommand("SELECT pg_current_wal_insert_lsn()::text");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        await data.DisposeAsync();
    }

    private Task DropAsync() => ExecuteAsync($"""
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name LIKE 'cdc\_bench\_%' AND NOT active;
        DROP PUBLICATION IF EXISTS {Publication};
        DROP SCHEMA IF EXISTS cdc_bench CASCADE;
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
