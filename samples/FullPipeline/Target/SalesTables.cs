using Cdc.ClickHouse;

namespace FullPipeline;

/// <summary>The tables of the sales schema in ClickHouse.</summary>
internal static class SalesTables
{
    /// <summary>The source's schema, which names the database.</summary>
    public const string Database = "franco";

    /// <summary>
    /// The recorded connector sends decimals as doubles. Their text is exact all the same, so money is stored as the Decimal that it
    /// is at the source, and a number that does not fit is refused instead of rounded.
    /// </summary>
    public static ClickHouseOptions Options(ClickHouseServer server)
    {
        var options = new ClickHouseOptions { Endpoint = server.Endpoint, User = server.User, Password = server.Password };
        options.Tables[$"{Database}.customer"] = Columns(("yearly_income", "Nullable(Decimal(12, 2))"));
        options.Tables[$"{Database}.sales"] = Columns(
            ("unit_price", "Nullable(Decimal(12, 4))"),
            ("discount_amount", "Nullable(Decimal(12, 4))"),
            ("tax_amt", "Nullable(Decimal(12, 4))"),
            ("freight", "Nullable(Decimal(12, 4))"),
            ("sales_amount", "Nullable(Decimal(14, 4))"));
        return options;
    }

    /// <summary>For the live database nothing needs saying: its columns' types are known, money included.</summary>
    public static void Configure(ClickHouseOptions options, ClickHouseServer server)
    {
        (options.Endpoint, options.User, options.Password) = (server.Endpoint, server.User, server.Password);
        options.AllowPlainHttp = Environment.GetEnvironmentVariable("CLICKHOUSE_PLAIN_HTTP") == "true"; // between the containers of one machine
    }

    private static ClickHouseTableOptions Columns(params (string Name, string Type)[] types)
    {
        var table = new ClickHouseTableOptions();
        foreach (var (name, type) in types) table.Columns[name] = new ClickHouseColumnOptions { Type = type };
        return table;
    }
}
