using System.Text.Json;
using Cdc.TestSupport;
using Cdc.TestSupport.Values;

namespace Cdc.Proof.Tests;

/// <summary>Fills tables with what the comparison expects, by SQL alone: to try the comparison itself.</summary>
internal static class TruthTarget
{
    public static async Task FillAsync(ClickHouseReader engine, string database, TruthTable table, FeedIndex feed, FeedMode mode)
    {
        var columns = table.Columns.Select(c => (c.Name, Pg: PgType.Parse(c.Type), Type: TypeOf(PgType.Parse(c.Type), mode, table.Key.Contains(c.Name)))).ToList();
        var target = $"{ClickHouseReader.Identifier(database)}.{ClickHouseReader.Identifier(table.Name)}";
        await engine.ExecuteAsync($"CREATE DATABASE IF NOT EXISTS {ClickHouseReader.Identifier(database)}");
        await engine.ExecuteAsync($"CREATE TABLE {target} ({string.Join(", ", columns.Select(c => $"{ClickHouseReader.Identifier(c.Name)} {c.Type}"))}) ENGINE = ReplacingMergeTree ORDER BY ({string.Join(", ", table.Key.Select(ClickHouseReader.Identifier))})");
        foreach (var row in table.Rows)
        {
            var last = feed.Of(table, KeyOf(table, row, mode))[^1];
            var expected = columns.Select((c, i) => Expectation.Of(c.Pg, row[i], mode, last.Operation)).ToList();
            if (expected.Any(e => e is Expected.Refused)) continue;
            var values = columns.Select((c, i) => Sql(c.Type, c.Pg, Normal(expected[i])));
            await engine.ExecuteAsync($"INSERT INTO {target} SELECT {string.Join(", ", values)}");
        }
    }

    public static string KeyOf(TruthTable table, IReadOnlyList<string?> row, FeedMode mode) =>
        NormalForm.List(table.KeyPositions.Select(p => Normal(Expectation.Of(PgType.Parse(table.Columns[p].Type), row[p], mode, "r"))));

    private static string? Normal(Expected expected) => expected switch
    {
        Expected.Value value => value.Normal,
        Expected.Noted noted => noted.Normal,
        Expected.Lost lost => lost.Allowed[0],
        _ => throw new InvalidOperationException("A refused value has no normal form."),
    };

    private static string TypeOf(PgType pg, FeedMode mode, bool isKey)
    {
        var planned = PlannedType.Of(pg, mode) ?? pg.Name switch
        {
            "numeric" => "Decimal(76, 10)",
            "money" => "Decimal(19, 2)",
            "timestamp with time zone" => pg.IsArray ? "Array(Nullable(DateTime64(6, 'UTC')))" : pg.SecondDigits <= 3 ? "DateTime64(3, 'UTC')" : "DateTime64(6, 'UTC')",
            _ => "String",
        };
        if (planned == "LowCardinality(String)") return "LowCardinality(Nullable(String))";
        return isKey || planned.StartsWith("Array", StringComparison.Ordinal) || planned.StartsWith("Tuple", StringComparison.Ordinal) ? planned : $"Nullable({planned})";
    }

    private static string Sql(string type, PgType pg, string? normal)
    {
        if (normal is null) return "NULL";
        if (type.StartsWith("Array", StringComparison.Ordinal))
        {
            var elements = JsonSerializer.Deserialize<string?[]>(normal)!;
            return $"CAST([{string.Join(", ", elements.Select(e => Sql("String", pg.Element, e)))}] AS {type})";
        }

        if (type.StartsWith("Tuple", StringComparison.Ordinal)) return $"CAST(({string.Join(", ", normal.Trim('(', ')').Split(',').Select(c => c == "NULL" ? c : $"'{c}'"))}) AS {type})";
        if (pg.Name is "bytea" or "bit" or "bit varying" && type.Contains("String", StringComparison.Ordinal)) return $"unhex('{normal}')";
        return type == "String" ? ClickHouseReader.Literal(normal) : $"CAST({ClickHouseReader.Literal(normal)} AS {type})";
    }
}
