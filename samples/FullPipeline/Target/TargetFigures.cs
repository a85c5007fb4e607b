using System.Globalization;

namespace FullPipeline;

/// <summary>How one table stands in ClickHouse.</summary>
/// <param name="Rows">Rows that FINAL shows.</param>
/// <param name="LastChange">When the source committed the newest change in it; null for none.</param>
public sealed record TargetTable(long Rows, DateTimeOffset? LastChange);

/// <summary>How ClickHouse stands.</summary>
/// <param name="Tables">The tables that there are.</param>
/// <param name="Parts">Active parts of all of them.</param>
/// <param name="Bytes">What they take on disk.</param>
public sealed record TargetFigures(IReadOnlyDictionary<string, TargetTable> Tables, long Parts, long Bytes)
{
    internal static async Task<TargetFigures> ReadAsync(ClickHouseQueries queries, CancellationToken cancellationToken)
    {
        var there = (await queries.QueryAsync($"SELECT name FROM system.tables WHERE database = '{SalesTables.Database}' AND engine LIKE '%ReplacingMergeTree'", cancellationToken)).Select(r => r[0]!).ToHashSet();
        var tables = new Dictionary<string, TargetTable>();
        foreach (var table in SalesSchema.Tables.Where(there.Contains))
        {
            var row = (await queries.QueryAsync($"SELECT (SELECT count() FROM {SalesTables.Database}.{table}_current), toUnixTimestamp64Micro(max(_source_ts)) FROM {SalesTables.Database}.{table}", cancellationToken))[0];
            var last = Number(row[1]);
            tables[table] = new TargetTable(Number(row[0]), last == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(last * TimeSpan.TicksPerMicrosecond));
        }

        var parts = (await queries.QueryAsync($"SELECT count(), sum(bytes_on_disk) FROM system.parts WHERE active AND database = '{SalesTables.Database}'", cancellationToken))[0];
        return new TargetFigures(tables, Number(parts[0]), Number(parts[1]));
    }

    private static long Number(string? text) => text is null ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
}
