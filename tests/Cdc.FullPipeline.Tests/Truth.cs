using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Cdc.FullPipeline.Tests;

/// <summary>The source's tables at the end of the capture, in PostgreSQL's own text, and the five answers computed from them.</summary>
internal static class Truth
{
    private static readonly Dictionary<string, List<Dictionary<string, string?>>> Tables = Load();
    private static readonly Dictionary<string, Dictionary<string, string?>> Territories = ByKey("sales_territory");
    private static readonly Dictionary<string, Dictionary<string, string?>> Employees = ByKey("employee");
    private static readonly Dictionary<string, Dictionary<string, string?>> Customers = ByKey("customer");
    private static readonly List<Sale> Sales = [.. Tables["sales"].Select(Sale.Of)];

    public static IReadOnlyDictionary<string, int> Rows { get; } = Tables.ToDictionary(t => t.Key, t => t.Value.Count);

    public static IReadOnlyDictionary<string, int> Unmatched { get; } = new Dictionary<string, int>
    {
        ["withoutTerritory"] = Sales.Count(s => !Territories.ContainsKey(s.Territory)),
        ["withoutEmployee"] = Sales.Count(s => !Employees.ContainsKey(s.Employee)),
        ["withoutCustomer"] = Sales.Count(s => !Customers.ContainsKey(s.Customer)),
        ["withoutDueDate"] = Sales.Count(s => s.Due is null),
    };

    public static IReadOnlyList<string> Money { get; } = ["unit_price", "discount_amount", "tax_amt", "freight", "sales_amount"];

    /// <summary>The key and the money of each sale, as PostgreSQL writes them.</summary>
    public static IEnumerable<string> MoneyOfSales { get; } =
        Tables["sales"].OrderBy(s => int.Parse(s["sales_id"]!, CultureInfo.InvariantCulture)).Select(s => string.Join('\t', Money.Prepend("sales_id").Select(column => s[column]))).ToList();

    public static List<string?[]> Answer(string view) => view switch
    {
        "v_sales_by_country_region" => ByRegion()
            .OrderByDescending(g => Amount(g)).ThenBy(g => g.Key, Places)
            .Select(g => (string?[])[.. g.Key, Text(Amount(g)), Text(g.Count()), Text(Quantity(g)), Text(Round(Quantity(g), g.Count()))]).ToList(),
        "v_top_employee_by_territory" => TopEmployees(),
        "v_top_customers_by_region" => TopCustomers(),
        "v_avg_customer_spend_by_region" => ByRegion()
            .Select(g => (Group: g, Customers: g.Select(s => s.Customer).Distinct().Count()))
            .Select(g => (g.Group, g.Customers, Average: Round(Amount(g.Group), g.Customers)))
            .OrderByDescending(g => g.Average).ThenBy(g => g.Group.Key, Places)
            .Select(g => (string?[])[.. g.Group.Key, Text(g.Average), Text(g.Customers), Text(Amount(g.Group)), Text(Round(Amount(g.Group), g.Group.Count()))]).ToList(),
        "v_sales_year_on_year" => YearOnYear(),
        _ => throw new ArgumentOutOfRangeException(nameof(view), view, null),
    };

    /// <summary>One form of a number, however many zeros it has behind the point; other texts as they are.</summary>
    public static string? Text(string? value) =>
        decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Text(number) : value;

    private static string Text(decimal number) => (number / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private static List<string?[]> TopEmployees() =>
    [
        .. from territory in Sales.Where(s => Territories.ContainsKey(s.Territory)).GroupBy(s => s.Territory)
           let known = territory.Where(s => Employees.ContainsKey(s.Employee)).GroupBy(s => s.Employee)
           from employee in known
           where Quantity(employee) == known.Max(Quantity)
           let place = Place(territory.Key)
           let name = Employees[employee.Key]["employee_name"]
           orderby place[0], place[1], place[2], name
           select (string?[])[.. place, name, Text(Quantity(employee)), Text(employee.Count()), Text(Amount(employee))],
    ];

    private static List<string?[]> TopCustomers()
    {
        var gaps = new Dictionary<Sale, int>();
        foreach (var customer in Sales.GroupBy(s => s.Customer))
        {
            var inOrder = customer.OrderBy(s => s.Ordered).ThenBy(s => s.Id).ToList();
            for (var i = 1; i < inOrder.Count; i++) gaps[inOrder[i]] = (inOrder[i].Ordered.Date - inOrder[i - 1].Ordered.Date).Days;
        }

        var rows = new List<string?[]>();
        foreach (var territory in Sales.Where(s => Territories.ContainsKey(s.Territory)).GroupBy(s => s.Territory))
        {
            var all = territory.Where(s => Customers.ContainsKey(s.Customer)).GroupBy(s => s.Customer).Select(g => (
                Customer: g.Key, Spend: Round(Amount(g), g.Count()), Average: Round(Quantity(g), g.Count()),
                Days: g.Any(gaps.ContainsKey) ? Math.Ceiling(g.Where(gaps.ContainsKey).Average(s => (double)gaps[s])) : (double?)null, Purchases: g.Count())).ToList();
            foreach (var one in all)
            {
                var rank = 1 + all.Count(other => other.Spend > one.Spend || (other.Spend == one.Spend && (other.Days ?? double.MaxValue) < (one.Days ?? double.MaxValue)));
                if (rank > 100) continue;
                var customer = Customers[one.Customer];
                rows.Add([.. Place(territory.Key), Text(rank), $"{customer["first_name"]} {customer["last_name"]}", Text(one.Spend), Text(one.Average), one.Days is { } d ? Text((decimal)d) : null, Text(one.Purchases)]);
            }
        }

        return [.. rows.OrderBy(r => r[0], Ordinal).ThenBy(r => r[1], Ordinal).ThenBy(r => r[2], Ordinal).ThenBy(r => int.Parse(r[3]!, CultureInfo.InvariantCulture)).ThenBy(r => r[4], Ordinal)];
    }

    private static List<string?[]> YearOnYear()
    {
        var years = Sales.Where(s => s.Due is not null).GroupBy(s => s.Due!.Value.Year).ToDictionary(g => g.Key, Amount);
        var rows = new List<string?[]>();
        for (var year = years.Keys.Min(); year <= years.Keys.Max(); year++)
        {
            var now = years.GetValueOrDefault(year);
            decimal? before = year == years.Keys.Min() ? null : years.GetValueOrDefault(year - 1);
            var percent = before is null or 0 ? null : (double?)Math.Round(100 * (double)(now / before.Value) - 100, 1);
            rows.Add([Text(year), Text(now), before is { } b ? Text(now - b) : null, percent is { } p ? Text((decimal)p) : null]);
        }

        return rows;
    }

    private static StringComparer Ordinal => StringComparer.Ordinal;

    private static Comparer<string?[]> Places { get; } = Comparer<string?[]>.Create((a, b) => string.CompareOrdinal(string.Join('\0', a), string.Join('\0', b)));

    private static string?[] Place(string territory) =>
        [Territories[territory]["sales_territory_country"], Territories[territory]["sales_territory_region"], Territories[territory]["sales_territory_city"]];

    private static IEnumerable<IGrouping<string?[], Sale>> ByRegion() =>
        Sales.Where(s => Territories.ContainsKey(s.Territory)).GroupBy(s => Place(s.Territory)[..2], SamePlace.Instance);

    private static decimal Amount(IEnumerable<Sale> sales) => sales.Sum(s => s.Amount);

    private static int Quantity(IEnumerable<Sale> sales) => sales.Sum(s => s.Quantity);

    private static decimal Round(decimal sum, int count) => Math.Round(sum / count, 2, MidpointRounding.AwayFromZero);

    private static Dictionary<string, Dictionary<string, string?>> ByKey(string table) => Tables[table].ToDictionary(r => r[$"{table}_id"]!);

    private static Dictionary<string, List<Dictionary<string, string?>>> Load()
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Repository.Corpus("truth.final.jsonl.gz")), CompressionMode.Decompress));
        var tables = new Dictionary<string, List<Dictionary<string, string?>>>();
        while (lines.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var table = json.RootElement;
            if (table.GetProperty("schema").GetString() != "franco") continue;
            var columns = table.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()!).ToList();
            tables[table.GetProperty("table").GetString()!] = [.. table.GetProperty("rows").EnumerateArray()
                .Select(row => columns.Zip(row.EnumerateArray()).ToDictionary(c => c.First, c => c.Second.GetString()))];
        }

        return tables;
    }

    private sealed record Sale(long Id, DateTime Ordered, DateOnly? Due, string Customer, string Employee, string Territory, int Quantity, decimal Amount)
    {
        public static Sale Of(Dictionary<string, string?> row) => new(
            long.Parse(row["sales_id"]!, CultureInfo.InvariantCulture),
            DateTime.Parse(row["order_date"]!, CultureInfo.InvariantCulture),
            row["due_date"] is { } due ? DateOnly.Parse(due, CultureInfo.InvariantCulture) : null,
            row["customer_id"]!, row["employee_id"]!, row["sales_territory_id"]!,
            int.Parse(row["order_quantity"]!, CultureInfo.InvariantCulture), decimal.Parse(row["sales_amount"]!, CultureInfo.InvariantCulture));
    }

    private sealed class SamePlace : IEqualityComparer<string?[]>
    {
        public static readonly SamePlace Instance = new();

        public bool Equals(string?[]? x, string?[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(string?[] place) => HashCode.Combine(place[0], place[1]);
    }
}
