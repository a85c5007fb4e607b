namespace FullPipeline;

/// <summary>How a column is shown.</summary>
public enum Format
{
    Text,
    Count,
    Money,
    Average,
    Percent,
    Year,
}

/// <summary>A column of an answer.</summary>
public sealed record QuestionColumn(string Name, string Heading, Format Format = Format.Text);

/// <summary>One of the five questions: a view of analytics.sql and how its answer is shown.</summary>
/// <param name="View">The view.</param>
/// <param name="Title">The question in a few words.</param>
/// <param name="About">What exactly is counted.</param>
/// <param name="OrderBy">The order of the rows.</param>
/// <param name="Measure">The column that has a bar.</param>
/// <param name="Columns">The columns, in order.</param>
/// <param name="Grouped">How many of the first columns stand above their rows instead of in each.</param>
public sealed record Question(string View, string Title, string About, string OrderBy, string Measure, IReadOnlyList<QuestionColumn> Columns, int Grouped = 0)
{
    public static IReadOnlyList<Question> All { get; } =
    [
        new("v_sales_by_country_region", "Sales by country and region", "Everything sold that has a territory.", "sales_amount DESC, country, region", "sales_amount",
        [
            new("country", "Country"), new("region", "Region"), new("sales_amount", "Sales amount", Format.Money), new("sales_count", "Sales", Format.Count),
            new("total_quantity", "Quantity", Format.Count), new("avg_order_quantity", "Avg. quantity", Format.Average),
        ]),
        new("v_top_employee_by_territory", "Best seller of each territory", "By quantity sold; equals share the place.", "country, region, city, employee_name", "total_order_quantity",
        [
            new("country", "Country"), new("region", "Region"), new("city", "City"), new("employee_name", "Employee"),
            new("total_order_quantity", "Quantity", Format.Count), new("sales_count", "Sales", Format.Count), new("sales_amount", "Sales amount", Format.Money),
        ]),
        new("v_top_customers_by_region", "Top customers by region", "By average spend, then by the shortest time between purchases.", "country, region, city, ranking, customer_name", "avg_spend",
        [
            new("country", "Country"), new("region", "Region"), new("city", "City"), new("ranking", "Rank", Format.Count), new("customer_name", "Customer"),
            new("avg_spend", "Avg. spend", Format.Money), new("avg_quantity", "Avg. quantity", Format.Average),
            new("avg_days_between", "Days between", Format.Count), new("purchases", "Purchases", Format.Count),
        ], Grouped: 3),
        new("v_avg_customer_spend_by_region", "Average customer spend by region", "Per customer, not per sale.", "avg_customer_spend DESC, country, region", "avg_customer_spend",
        [
            new("country", "Country"), new("region", "Region"), new("avg_customer_spend", "Avg. spend", Format.Money), new("customers", "Customers", Format.Count),
            new("total_sales_amount", "Sales amount", Format.Money), new("avg_sale", "Avg. sale", Format.Money),
        ]),
        new("v_sales_year_on_year", "Year on year", "By due date; a year without a sale counts as zero.", "year", "sales_amount",
        [
            new("year", "Year", Format.Year), new("sales_amount", "Sales amount", Format.Money), new("yoy_difference", "Difference", Format.Money), new("yoy_percent", "Change", Format.Percent),
        ]),
    ];

    /// <summary>The columns that name a row.</summary>
    public IReadOnlyList<QuestionColumn> Labels => [.. Columns.Where(c => c.Format is Format.Text or Format.Year)];

    public string Sql => $"SELECT {string.Join(", ", Columns.Select(c => c.Name))} FROM {SalesTables.Database}.{View} ORDER BY {OrderBy}";
}
