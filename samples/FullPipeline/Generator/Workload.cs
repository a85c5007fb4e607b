using System.Globalization;
using Npgsql;

namespace FullPipeline;

/// <summary>Knows the rows that there are and makes changes of them. Used by one thread at a time.</summary>
internal sealed class Workload(NpgsqlDataSource data, SalesFaker faker)
{
    private const int SalesLimit = 20_000, CustomerLimit = 1_000; // from here on as many go as come
    private readonly KeySet sales = new();
    private readonly KeySet customers = new();
    private readonly KeySet employees = new();
    private readonly List<(int Id, string Region, string Currency)> territories = [];
    private readonly Queue<long> saleIds = new();
    private readonly Queue<long> customerIds = new();
    private long? poisoned;

    /// <summary>Fills empty tables with the first 625 rows, or learns what is there.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        poisoned = null;
        territories.Clear();
        foreach (var keys in (KeySet[])[sales, customers, employees]) keys.Clear();
        await LoadAsync("SELECT sales_territory_id, sales_territory_region, sales_territory_city FROM franco.sales_territory", r => territories.Add((r.GetInt32(0), r.GetString(1), Currency(r.GetString(2)))), cancellationToken);
        if (territories.Count == 0) await FillAsync(cancellationToken);
        await LoadAsync("SELECT employee_id FROM franco.employee ORDER BY 1", r => employees.Add(r.GetInt32(0)), cancellationToken);
        await LoadAsync("SELECT customer_id FROM franco.customer ORDER BY 1", r => customers.Add(r.GetInt32(0)), cancellationToken);
        await LoadAsync("SELECT sales_id FROM franco.sales ORDER BY 1", r => sales.Add(r.GetInt64(0)), cancellationToken);
    }

    /// <summary>One transaction of about <paramref name="changes"/> changes.</summary>
    /// <returns>The rows it changed.</returns>
    public async Task<int> ChangeAsync(int changes, CancellationToken cancellationToken)
    {
        while (saleIds.Count <= changes) await ReserveAsync("sales", "sales_id", saleIds, cancellationToken);
        while (customerIds.Count <= changes) await ReserveAsync("customer", "customer_id", customerIds, cancellationToken);
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(SalesSql.Command("SELECT pg_advisory_xact_lock_shared($1)", SalesControl.Lock));
        var leaving = 0L;
        while (batch.BatchCommands.Count <= changes) Next(batch, ref leaving);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        var changed = batch.BatchCommands.Cast<NpgsqlBatchCommand>().Skip(1).Sum(c => (int)c.RecordsAffected);
        if (leaving > 0) changed += await RemoveCustomerAsync(connection, leaving, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    /// <summary>Gives a sale a value that ClickHouse refuses.</summary>
    public async Task PoisonAsync(CancellationToken cancellationToken)
    {
        var id = sales.Pick(faker.Random);
        sales.Remove(id); // nothing else touches it until it is healed
        await RunAsync(SalesSql.Poison(id), cancellationToken);
        poisoned = id;
    }

    /// <summary>Gives it one that it takes.</summary>
    public async Task HealAsync(CancellationToken cancellationToken)
    {
        await RunAsync(SalesSql.Heal(), cancellationToken);
        if (poisoned is { } id) sales.Add(id);
        poisoned = null;
    }

    private void Next(NpgsqlBatch batch, ref long leaving)
    {
        var random = faker.Random;
        var roll = random.Next(1000);
        var insertSale = sales.Count < 100 || roll < (sales.Count < SalesLimit ? 320 : 230);
        if (insertSale)
        {
            InsertSale(batch, (int)customers.Pick(random));
        }
        else if (roll < 740)
        {
            var (quantity, price) = faker.NewPrice();
            batch.BatchCommands.Add(random.Next(4) == 0 ? SalesSql.Ship(sales.Pick(random), random.Next(0, 7)) : SalesSql.Reprice(sales.Pick(random), quantity, price));
        }
        else if (roll < 930)
        {
            var id = sales.Pick(random);
            sales.Remove(id);
            batch.BatchCommands.Add(SalesSql.DeleteSale(id));
        }
        else if (roll < 950)
        {
            var (id, to) = (sales.Pick(random), saleIds.Dequeue());
            sales.Remove(id);
            sales.Add(to);
            batch.BatchCommands.Add(SalesSql.ChangeKey(id, to));
        }
        else if (roll < 985)
        {
            batch.BatchCommands.Add(SalesSql.MoveCustomer((int)customers.Pick(random), faker.Customer()));
        }
        else if (roll < 990)
        {
            batch.BatchCommands.Add(SalesSql.MoveEmployee((int)employees.Pick(random), territories[random.Next(territories.Count)].Region));
        }
        else
        {
            Welcome(batch);
            if (customers.Count > CustomerLimit && leaving == 0) leaving = customers.Pick(random);
        }
    }

    /// <summary>A customer and the first sales, in one transaction over three tables.</summary>
    private void Welcome(NpgsqlBatch batch)
    {
        var id = (int)customerIds.Dequeue();
        batch.BatchCommands.Add(SalesSql.InsertCustomer(id, faker.Customer()));
        for (var n = faker.Random.Next(1, 4); n > 0; n--) InsertSale(batch, id);
        batch.BatchCommands.Add(SalesSql.MoveEmployee((int)employees.Pick(faker.Random), territories[faker.Random.Next(territories.Count)].Region));
        customers.Add(id);
    }

    private void InsertSale(NpgsqlBatch batch, int customer)
    {
        var territory = territories[faker.Random.Next(territories.Count)];
        var id = saleIds.TryDequeue(out var next) ? next : throw new InvalidOperationException("No key is reserved for a sale.");
        batch.BatchCommands.Add(SalesSql.InsertSale(id, faker.Sale(), customer, (int)employees.Pick(faker.Random), territory.Id, territory.Currency));
        sales.Add(id);
    }

    private async Task<int> RemoveCustomerAsync(NpgsqlConnection connection, long customer, CancellationToken cancellationToken)
    {
        var gone = 0;
        await using (var command = new NpgsqlCommand("DELETE FROM franco.sales WHERE customer_id = $1 RETURNING sales_id", connection) { Parameters = { new() { Value = (int)customer } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            for (; await reader.ReadAsync(cancellationToken); gone++) sales.Remove(reader.GetInt64(0));
        }

        await using var last = new NpgsqlCommand("DELETE FROM franco.customer WHERE customer_id = $1", connection) { Parameters = { new() { Value = (int)customer } } };
        customers.Remove(customer);
        return gone + await last.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var (at, territory) in SalesFaker.Territories.Index())
        {
            territories.Add((at + 1, territory.Region, territory.Currency));
            batch.BatchCommands.Add(SalesSql.InsertTerritory(at + 1, territory));
        }

        for (var id = 1; id <= 15; id++) batch.BatchCommands.Add(SalesSql.InsertEmployee(id, faker.EmployeeName(), territories[id % territories.Count].Region));
        for (var id = 1; id <= 100; id++) batch.BatchCommands.Add(SalesSql.InsertCustomer(id, faker.Customer()));
        for (var id = 1; id <= 500; id++)
        {
            var territory = territories[faker.Random.Next(territories.Count)];
            batch.BatchCommands.Add(SalesSql.InsertSale(id, faker.OldSale(), faker.Random.Next(1, 101), faker.Random.Next(1, 16), territory.Id, territory.Currency));
        }

        // Keys that were given do not advance the sequences: the next one taken must not meet them.
        foreach (var (table, key) in ((string, string)[])[("sales_territory", "sales_territory_id"), ("employee", "employee_id"), ("customer", "customer_id"), ("sales", "sales_id")])
        {
            batch.BatchCommands.Add(SalesSql.Command($"SELECT setval(pg_get_serial_sequence('franco.{table}', '{key}'), (SELECT max({key}) FROM franco.{table}))"));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Task ReserveAsync(string table, string key, Queue<long> ids, CancellationToken cancellationToken) => LoadAsync(
        string.Create(CultureInfo.InvariantCulture, $"SELECT nextval(pg_get_serial_sequence('franco.{table}', '{key}')) FROM generate_series(1, 500)"), r => ids.Enqueue(r.GetInt64(0)), cancellationToken);

    private async Task LoadAsync(string sql, Action<NpgsqlDataReader> row, CancellationToken cancellationToken)
    {
        await using var command = data.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) row(reader);
    }

    private async Task RunAsync(NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = data.CreateBatch();
        batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Currency(string city) => SalesFaker.Territories.First(t => t.City == city).Currency;
}
