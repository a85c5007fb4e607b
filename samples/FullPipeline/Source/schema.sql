-- The sales database. Running it again changes nothing.
CREATE SCHEMA IF NOT EXISTS franco;
COMMENT ON SCHEMA franco IS 'made by samples/FullPipeline';

CREATE TABLE IF NOT EXISTS franco.sales_territory (
  sales_territory_id serial PRIMARY KEY,
  sales_territory_country varchar(50) NOT NULL,
  sales_territory_region varchar(50) NOT NULL,
  sales_territory_city varchar(50) NOT NULL);

CREATE TABLE IF NOT EXISTS franco.employee (
  employee_id serial PRIMARY KEY,
  employee_name varchar(80) NOT NULL,
  employee_territory_region varchar(50));

CREATE TABLE IF NOT EXISTS franco.customer (
  customer_id serial PRIMARY KEY,
  customer_key uuid NOT NULL,
  customer_alternate_key uuid NOT NULL,
  title varchar(10), first_name varchar(50) NOT NULL, middle_name varchar(50), last_name varchar(50) NOT NULL, suffix varchar(10),
  name_style varchar(20), gender char(1), marital_status char(1), birth_date date, age smallint,
  email_address varchar(120), phone varchar(40), address_line1 varchar(120), address_line2 varchar(120),
  english_education varchar(50), french_education varchar(50), spanish_education varchar(50),
  english_occupation varchar(50), french_occupation varchar(50), spanish_occupation varchar(50),
  yearly_income numeric(12,2), total_children smallint, number_children_at_home smallint,
  house_owner_flag boolean, number_cars_owned smallint, commute_distance varchar(20), date_first_purchase date);

CREATE TABLE IF NOT EXISTS franco.sales (
  sales_id bigserial PRIMARY KEY,
  sales_order_number varchar(20) NOT NULL, sales_order_line_number smallint NOT NULL DEFAULT 1, revision_number smallint NOT NULL DEFAULT 1,
  order_date timestamp(3) NOT NULL, due_date date, due_date_key int, ship_date date,
  customer_id int NOT NULL REFERENCES franco.customer,
  employee_id int NOT NULL REFERENCES franco.employee,
  sales_territory_id int NOT NULL REFERENCES franco.sales_territory,
  currency_key char(3) NOT NULL,
  order_quantity int NOT NULL CHECK (order_quantity > 0), unit_price numeric(12,2) NOT NULL, extended_amount numeric(14,2) NOT NULL,
  unit_price_discount_pct numeric(5,4) NOT NULL, discount_amount numeric(12,2) NOT NULL,
  product_standard_cost numeric(12,4) NOT NULL, total_product_cost numeric(14,2) NOT NULL,
  sales_amount numeric(14,2) NOT NULL, tax_amt numeric(12,2) NOT NULL, freight numeric(12,2) NOT NULL,
  -- Money adds up, whatever changed it.
  CHECK (extended_amount = order_quantity * unit_price),
  CHECK (discount_amount = round(extended_amount * unit_price_discount_pct, 2)),
  CHECK (sales_amount = extended_amount - discount_amount),
  CHECK (ship_date IS NULL OR ship_date >= order_date::date),
  CHECK (due_date IS NULL OR due_date >= order_date::date));
CREATE INDEX IF NOT EXISTS sales_customer ON franco.sales (customer_id);

-- Old rows travel whole, so that the page can show what a change replaced.
ALTER TABLE franco.sales_territory REPLICA IDENTITY FULL;
ALTER TABLE franco.employee REPLICA IDENTITY FULL;
ALTER TABLE franco.customer REPLICA IDENTITY FULL;
ALTER TABLE franco.sales REPLICA IDENTITY FULL;
