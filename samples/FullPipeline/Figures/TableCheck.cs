namespace FullPipeline;

/// <summary>What a table's rows add up to in source and target, at one moment of the source.</summary>
public sealed record TableCheck(string Table, IReadOnlyList<string?> Source, IReadOnlyList<string?> Target)
{
    private static readonly Dictionary<string, string> Sums = new()
    {
        ["sales_territory"] = "count(*), sum(sales_territory_id), count(DISTINCT sales_territory_city)",
        ["employee"] = "count(*), sum(employee_id), count(DISTINCT employee_name), count(DISTINCT employee_territory_region)",
        ["customer"] = "count(*), sum(customer_id), sum(yearly_income), sum(number_cars_owned), count(address_line2), count(DISTINCT phone), count(DISTINCT email_address), min(birth_date)",
        ["sales"] = "count(*), sum(sales_id), sum(customer_id), sum(employee_id), sum(order_quantity), sum(unit_price), sum(sales_amount), sum(tax_amt), sum(freight), sum(total_product_cost), sum(revision_number), count(ship_date), max(due_date)",
    };

    public bool IsEqual => ComparedAnswer.Line(Source) == ComparedAnswer.Line(Target);

    /// <summary>The same statement for both databases; ClickHouse's tables have a view of their current rows.</summary>
    public static string Sql(string table, string suffix) => $"SELECT {Sums[table]} FROM franco.{table}{suffix}";
}
