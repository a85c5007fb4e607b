-- What is asked of the tables. Run after every apply; running it again changes nothing.
-- It reads the views <table>_current that the writer keeps: one row a key, deleted rows gone.

-- ---------- The calendar ----------
CREATE TABLE IF NOT EXISTS franco.date_dim (
  date_key Date32, day_of_week UInt8, day_name LowCardinality(String), day_of_month UInt8, day_of_year UInt16, week_of_year UInt8,
  month UInt8, month_name LowCardinality(String), quarter UInt8, year UInt16, is_weekend Bool,
  is_holiday Bool DEFAULT false, holiday_name LowCardinality(String) DEFAULT ''
) ENGINE = ReplacingMergeTree ORDER BY date_key;

-- Only the days that are missing: the second run inserts none, and holidays entered by hand stay.
INSERT INTO franco.date_dim (date_key, day_of_week, day_name, day_of_month, day_of_year, week_of_year, month, month_name, quarter, year, is_weekend)
SELECT day, toDayOfWeek(day), formatDateTime(day, '%W'), toDayOfMonth(day), toDayOfYear(day), toISOWeek(day),
       toMonth(day), formatDateTime(day, '%M'), toQuarter(day), toYear(day), toDayOfWeek(day) IN (6, 7)
FROM (SELECT toDate32('2020-01-01') + number AS day FROM numbers(dateDiff('day', toDate32('2020-01-01'), toDate32('2030-12-31')) + 1))
WHERE day NOT IN (SELECT date_key FROM franco.date_dim);

-- ---------- The five answers ----------
-- Money stays Decimal: an average is divideDecimal to six places and then rounded half up, as PostgreSQL's numeric does.
-- avg(Decimal) would be a Float64, and Decimal / integer would cut digits off.

-- 1. What is sold where.
CREATE OR REPLACE VIEW franco.v_sales_by_country_region AS
SELECT t.sales_territory_country AS country, t.sales_territory_region AS region,
       round(divideDecimal(toDecimal64(sum(s.order_quantity), 0), nullIf(toDecimal64(count(s.order_quantity), 0), 0), 6), 2) AS avg_order_quantity,
       sum(s.order_quantity) AS total_quantity, sum(s.sales_amount) AS sales_amount, count() AS sales_count
FROM franco.sales_current AS s
INNER JOIN franco.sales_territory_current AS t ON t.sales_territory_id = s.sales_territory_id
GROUP BY country, region;

-- 2. Who sells most in each territory, by quantity. Equals share the first place.
CREATE OR REPLACE VIEW franco.v_top_employee_by_territory AS
WITH
  per_employee AS (
    SELECT sales_territory_id, employee_id, sum(order_quantity) AS total_order_quantity, count() AS sales_count, sum(sales_amount) AS sales_amount
    FROM franco.sales_current GROUP BY sales_territory_id, employee_id),
  ranked AS (
    SELECT p.*, e.employee_name AS employee_name,
           rank() OVER (PARTITION BY p.sales_territory_id ORDER BY p.total_order_quantity DESC NULLS LAST) AS ranking
    FROM per_employee AS p
    INNER JOIN franco.employee_current AS e ON e.employee_id = p.employee_id)
SELECT t.sales_territory_country AS country, t.sales_territory_region AS region, t.sales_territory_city AS city, r.employee_name AS employee_name,
       r.total_order_quantity AS total_order_quantity, r.sales_count AS sales_count, r.sales_amount AS sales_amount
FROM ranked AS r
INNER JOIN franco.sales_territory_current AS t ON t.sales_territory_id = r.sales_territory_id
WHERE r.ranking = 1;

-- 3. The hundred best customers of each territory: by average spend, then by the shortest gap between purchases.
-- The gap is in calendar days and counts a customer's purchases everywhere; a first purchase has none. A deleted customer has no rank.
CREATE OR REPLACE VIEW franco.v_top_customers_by_region AS
WITH
  purchases AS (
    SELECT sales_territory_id, customer_id, sales_amount, order_quantity,
           dateDiff('day', lagInFrame(toNullable(order_date)) OVER (PARTITION BY customer_id ORDER BY order_date, sales_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), order_date) AS days_since_previous
    FROM franco.sales_current),
  per_customer AS (
    SELECT sales_territory_id, customer_id,
           round(divideDecimal(sum(sales_amount), nullIf(toDecimal64(count(sales_amount), 0), 0), 6), 2) AS avg_spend,
           round(divideDecimal(toDecimal64(sum(order_quantity), 0), nullIf(toDecimal64(count(order_quantity), 0), 0), 6), 2) AS avg_quantity,
           ceil(avg(days_since_previous)) AS avg_days_between, count() AS purchases
    FROM purchases GROUP BY sales_territory_id, customer_id),
  ranked AS (
    SELECT p.*, trimBoth(concatWithSeparator(' ', ifNull(c.first_name, ''), ifNull(c.last_name, ''))) AS customer_name,
           rank() OVER (PARTITION BY p.sales_territory_id ORDER BY p.avg_spend DESC NULLS LAST, p.avg_days_between ASC NULLS LAST) AS ranking
    FROM per_customer AS p
    INNER JOIN franco.customer_current AS c ON c.customer_id = p.customer_id)
SELECT t.sales_territory_country AS country, t.sales_territory_region AS region, t.sales_territory_city AS city, r.customer_name AS customer_name,
       r.avg_spend AS avg_spend, r.avg_quantity AS avg_quantity, r.avg_days_between AS avg_days_between, r.purchases AS purchases, r.ranking AS ranking
FROM ranked AS r
INNER JOIN franco.sales_territory_current AS t ON t.sales_territory_id = r.sales_territory_id
WHERE r.ranking <= 100;

-- 4. What one customer spends on average, by region: per customer, not per sale.
CREATE OR REPLACE VIEW franco.v_avg_customer_spend_by_region AS
SELECT t.sales_territory_country AS country, t.sales_territory_region AS region,
       uniqExact(s.customer_id) AS customers, sum(s.sales_amount) AS total_sales_amount,
       round(divideDecimal(sum(s.sales_amount), nullIf(toDecimal64(uniqExact(s.customer_id), 0), 0), 6), 2) AS avg_customer_spend,
       round(divideDecimal(sum(s.sales_amount), nullIf(toDecimal64(count(s.sales_amount), 0), 0), 6), 2) AS avg_sale
FROM franco.sales_current AS s
INNER JOIN franco.sales_territory_current AS t ON t.sales_territory_id = s.sales_territory_id
GROUP BY country, region;

-- 5. Each year against the year before, by due date. A year without a sale stands at 0, so that no year is compared with one
-- further back; a sale without a due date belongs to no year; the first year has nothing to compare with.
CREATE OR REPLACE VIEW franco.v_sales_year_on_year AS
WITH
  per_year AS (
    SELECT toYear(assumeNotNull(due_date)) AS year, sum(sales_amount) AS sales_amount
    FROM franco.sales_current WHERE due_date IS NOT NULL GROUP BY year),
  gaps AS (
    SELECT DISTINCT year, toDecimal128(0, 4) AS sales_amount FROM franco.date_dim
    WHERE year BETWEEN (SELECT min(year) FROM per_year) AND (SELECT max(year) FROM per_year) AND year NOT IN (SELECT year FROM per_year)),
  years AS (SELECT year, sales_amount FROM per_year UNION ALL SELECT year, sales_amount FROM gaps),
  lagged AS (SELECT year, sales_amount, lagInFrame(toNullable(sales_amount)) OVER (ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous_amount FROM years)
SELECT year, sales_amount, sales_amount - previous_amount AS yoy_difference,
       if(ifNull(previous_amount, 0) = 0, NULL, round(divideDecimal(toDecimal128(100, 0) * (sales_amount - previous_amount), ifNull(nullIf(previous_amount, 0), 1), 8), 1)) AS yoy_percent
FROM lagged;

-- Sales that one of the answers leaves out, because the row it needs is not there (yet): a stream brings facts before dimensions.
CREATE OR REPLACE VIEW franco.v_sales_unmatched AS
SELECT countIf(ifNull(sales_territory_id NOT IN (SELECT sales_territory_id FROM franco.sales_territory_current), true)) AS without_territory,
       countIf(ifNull(employee_id NOT IN (SELECT employee_id FROM franco.employee_current), true)) AS without_employee,
       countIf(ifNull(customer_id NOT IN (SELECT customer_id FROM franco.customer_current), true)) AS without_customer,
       countIf(due_date IS NULL) AS without_due_date
FROM franco.sales_current;
