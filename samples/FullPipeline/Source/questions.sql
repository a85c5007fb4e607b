-- The five questions, asked of PostgreSQL. Each block has the name and the columns of its twin in analytics.sql.

-- v_sales_by_country_region
SELECT t.sales_territory_country, t.sales_territory_region, sum(s.sales_amount), count(*), sum(s.order_quantity), round(avg(s.order_quantity), 2)
FROM franco.sales s JOIN franco.sales_territory t USING (sales_territory_id)
GROUP BY 1, 2;

-- v_top_employee_by_territory
SELECT t.sales_territory_country, t.sales_territory_region, t.sales_territory_city, r.employee_name, r.quantity, r.sales_count, r.sales_amount
FROM (
  SELECT s.sales_territory_id, e.employee_name, sum(s.order_quantity) AS quantity, count(*) AS sales_count, sum(s.sales_amount) AS sales_amount,
         rank() OVER (PARTITION BY s.sales_territory_id ORDER BY sum(s.order_quantity) DESC) AS place
  FROM franco.sales s JOIN franco.employee e USING (employee_id)
  GROUP BY s.sales_territory_id, s.employee_id, e.employee_name) r
JOIN franco.sales_territory t USING (sales_territory_id)
WHERE r.place = 1;

-- v_top_customers_by_region
WITH
  purchases AS (
    SELECT sales_territory_id, customer_id, sales_amount, order_quantity,
           order_date::date - (lag(order_date) OVER (PARTITION BY customer_id ORDER BY order_date, sales_id))::date AS days_since_previous
    FROM franco.sales),
  per_customer AS (
    SELECT sales_territory_id, customer_id, round(avg(sales_amount), 2) AS avg_spend, round(avg(order_quantity), 2) AS avg_quantity,
           ceil(avg(days_since_previous)) AS avg_days_between, count(*) AS purchases
    FROM purchases GROUP BY 1, 2),
  ranked AS (
    SELECT p.*, rank() OVER (PARTITION BY sales_territory_id ORDER BY avg_spend DESC, avg_days_between ASC NULLS LAST) AS ranking FROM per_customer p)
SELECT t.sales_territory_country, t.sales_territory_region, t.sales_territory_city, r.ranking, trim(concat_ws(' ', c.first_name, c.last_name)),
       r.avg_spend, r.avg_quantity, r.avg_days_between, r.purchases
FROM ranked r JOIN franco.customer c USING (customer_id) JOIN franco.sales_territory t USING (sales_territory_id)
WHERE r.ranking <= 100;

-- v_avg_customer_spend_by_region
SELECT t.sales_territory_country, t.sales_territory_region, round(sum(s.sales_amount) / count(DISTINCT s.customer_id), 2), count(DISTINCT s.customer_id),
       sum(s.sales_amount), round(avg(s.sales_amount), 2)
FROM franco.sales s JOIN franco.sales_territory t USING (sales_territory_id)
GROUP BY 1, 2;

-- v_sales_year_on_year
WITH
  per_year AS (SELECT extract(year FROM due_date)::int AS year, sum(sales_amount) AS amount FROM franco.sales WHERE isfinite(due_date) GROUP BY 1),
  years AS (SELECT y AS year, coalesce(p.amount, 0) AS amount FROM generate_series((SELECT min(year) FROM per_year), (SELECT max(year) FROM per_year)) y LEFT JOIN per_year p ON p.year = y),
  lagged AS (SELECT year, amount, lag(amount) OVER (ORDER BY year) AS previous FROM years)
SELECT year, amount, amount - previous, round(100 * (amount - previous) / nullif(previous, 0), 1) FROM lagged;
