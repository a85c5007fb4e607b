using Npgsql;

namespace FullPipeline;

/// <summary>The statements of the generator.</summary>
internal static class SalesSql
{
    public static NpgsqlBatchCommand InsertTerritory(int id, Territory t) => Command(
        "INSERT INTO franco.sales_territory VALUES ($1, $2, $3, $4)", id, t.Country, t.Region, t.City);

    public static NpgsqlBatchCommand InsertEmployee(int id, string name, string? region) => Command(
        "INSERT INTO franco.employee VALUES ($1, $2, $3)", id, name, region);

    public static NpgsqlBatchCommand InsertCustomer(int id, Customer c) => Command(
        """
        INSERT INTO franco.customer (
          customer_id, customer_key, customer_alternate_key, title, first_name, middle_name, last_name, suffix, name_style, gender, marital_status, birth_date, age,
          email_address, phone, address_line1, address_line2, english_education, french_education, spanish_education, english_occupation, french_occupation, spanish_occupation,
          yearly_income, total_children, number_children_at_home, house_owner_flag, number_cars_owned, commute_distance, date_first_purchase)
        VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30)
        """,
        id, c.Key, c.AlternateKey, c.Title, c.FirstName, c.MiddleName, c.LastName, c.Suffix, c.NameStyle, c.Gender, c.MaritalStatus, c.BirthDate, c.Age,
        c.Email, c.Phone, c.Address1, c.Address2, c.Education.English, c.Education.French, c.Education.Spanish, c.Occupation.English, c.Occupation.French, c.Occupation.Spanish,
        c.YearlyIncome, c.Children, c.ChildrenAtHome, c.HouseOwner, c.Cars, c.CommuteDistance, c.FirstPurchase);

    public static NpgsqlBatchCommand InsertSale(long id, Sale s, int customer, int employee, int territory, string currency) => Command(
        """
        INSERT INTO franco.sales (
          sales_id, sales_order_number, order_date, due_date, due_date_key, ship_date, customer_id, employee_id, sales_territory_id, currency_key, order_quantity, unit_price,
          extended_amount, unit_price_discount_pct, discount_amount, product_standard_cost, total_product_cost, sales_amount, tax_amt, freight)
        VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)
        """,
        id, s.OrderNumber, s.Ordered, s.Due, s.Due.Year * 10_000 + s.Due.Month * 100 + s.Due.Day, s.Shipped, customer, employee, territory, currency, s.Quantity, s.UnitPrice,
        s.Extended, s.DiscountPercent, s.Discount, s.StandardCost, s.TotalCost, s.Amount, s.Tax, s.Freight);

    /// <summary>Another quantity and price; everything that follows from them follows.</summary>
    public static NpgsqlBatchCommand Reprice(long id, int quantity, decimal price) => Command(
        """
        UPDATE franco.sales SET order_quantity = $2, unit_price = $3, extended_amount = $2 * $3, discount_amount = round($2 * $3 * unit_price_discount_pct, 2),
          sales_amount = $2 * $3 - round($2 * $3 * unit_price_discount_pct, 2), tax_amt = round(0.16 * ($2 * $3 - round($2 * $3 * unit_price_discount_pct, 2)), 2),
          freight = round(0.025 * ($2 * $3 - round($2 * $3 * unit_price_discount_pct, 2)), 2), total_product_cost = round($2 * product_standard_cost, 2), revision_number = revision_number % 30000 + 1
        WHERE sales_id = $1
        """, id, quantity, price);

    public static NpgsqlBatchCommand Ship(long id, int days) => Command(
        "UPDATE franco.sales SET ship_date = order_date::date + $2, revision_number = revision_number % 30000 + 1 WHERE sales_id = $1", id, days);

    public static NpgsqlBatchCommand ChangeKey(long id, long to) => Command("UPDATE franco.sales SET sales_id = $2 WHERE sales_id = $1", id, to);

    public static NpgsqlBatchCommand DeleteSale(long id) => Command("DELETE FROM franco.sales WHERE sales_id = $1", id);

    public static NpgsqlBatchCommand MoveCustomer(int id, Customer to) => Command(
        "UPDATE franco.customer SET address_line1 = $2, address_line2 = $3, phone = $4, yearly_income = $5, number_cars_owned = $6 WHERE customer_id = $1",
        id, to.Address1, to.Address2, to.Phone, to.YearlyIncome, to.Cars);

    public static NpgsqlBatchCommand MoveEmployee(int id, string region) => Command("UPDATE franco.employee SET employee_territory_region = $2 WHERE employee_id = $1", id, region);

    /// <summary>A due date that no date type of ClickHouse holds.</summary>
    public static NpgsqlBatchCommand Poison(long id) => Command("UPDATE franco.sales SET due_date = 'infinity' WHERE sales_id = $1", id);

    public static NpgsqlBatchCommand Heal() => Command("UPDATE franco.sales SET due_date = order_date::date + 14 WHERE due_date = 'infinity'");

    public static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}
