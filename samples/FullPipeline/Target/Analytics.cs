namespace FullPipeline;

/// <summary>The calendar and the five views in ClickHouse.</summary>
internal static class Analytics
{
    /// <summary>Makes them as soon as the four tables are there. Running it again changes nothing.</summary>
    public static async Task CreateAsync(ClickHouseQueries queries, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", SalesSchema.Tables.Select(t => $"'{t}_current'"));
        while (true)
        {
            try
            {
                var there = await queries.QueryAsync($"SELECT count() FROM system.tables WHERE database = '{SalesTables.Database}' AND name IN ({names})", cancellationToken);
                if (there[0][0] == SalesSchema.Tables.Count.ToString(System.Globalization.CultureInfo.InvariantCulture))
                {
                    await queries.RunScriptAsync(Assets.Text("analytics.sql"), cancellationToken);
                    return;
                }
            }
            catch (SampleException) when (!cancellationToken.IsCancellationRequested)
            {
                // It may be stopped meanwhile; the page says so.
            }

            await Task.Delay(300, cancellationToken);
        }
    }
}
