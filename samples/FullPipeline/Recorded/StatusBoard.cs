using System.Globalization;
using Cdc;

namespace FullPipeline;

/// <summary>Knows how far the sample is, and asks ClickHouse for the rest. Used from several threads.</summary>
internal sealed class StatusBoard : IProgress<string>
{
    private static readonly Counters None = new(0, 0, 0, 0, 0, 0, 0);
    private readonly Lock gate = new();
    private SampleState state = SampleState.Starting;
    private string detail = "Starting";
    private ClickHouseQueries? queries;
    private string? version;
    private string? endpoint;
    private Counters counters = None;
    private IReadOnlyList<TableStatus> tables = [];

    /// <summary>Says what goes on, on the page and on the console.</summary>
    public void Report(string value) => Enter(SampleState.Starting, value);

    public void Enter(SampleState next, string what)
    {
        lock (gate) (state, detail) = (next, what);
        Console.WriteLine(what);
    }

    /// <summary>Names the engine that answers. An address of somebody's server is not shown.</summary>
    public async Task UseAsync(ClickHouseQueries clickHouse, Uri? shown, CancellationToken cancellationToken)
    {
        var rows = await clickHouse.QueryAsync("SELECT version()", cancellationToken);
        lock (gate) (queries, version, endpoint) = (clickHouse, rows[0][0], shown?.ToString());
    }

    /// <summary>Takes the pipeline's figures. Called on the pipeline's thread.</summary>
    public void Count(PipelineReport report)
    {
        var skipped = report.Skipped.Values.Sum() + report.Tables.Sum(t => t.Skipped);
        var now = new Counters(
            report.Messages, report.Tables.Sum(t => t.Applied), report.Tables.Sum(t => t.Deletes), report.Tables.Sum(t => t.Superseded),
            report.DeadLettersWithoutTable + report.Tables.Sum(t => t.DeadLettered), skipped, report.Tables.Sum(t => t.Held));
        TableStatus[] rows = [.. report.Tables.Select(t => new TableStatus(
            t.Table.Name, t.Applied + t.Superseded + t.DeadLettered + t.Skipped + t.Held, t.Deletes, Rows: null, t.Stopped))];
        lock (gate) (counters, tables) = (now, rows);
    }

    public async Task<Status> ReadAsync(CancellationToken cancellationToken)
    {
        Status known;
        ClickHouseQueries? clickHouse;
        lock (gate) (known, clickHouse) = (new Status(state, detail, version, endpoint, counters, tables, Unmatched: null, Answers: []), queries);
        if (clickHouse is null || known.State is not (SampleState.Ready or SampleState.Attention)) return known;
        try
        {
            var answers = Question.All.Select(q => AnswerAsync(clickHouse, q, cancellationToken)).ToArray();
            var counted = known.Tables.Select(t => CountAsync(clickHouse, t, cancellationToken)).ToArray();
            var unmatched = UnmatchedAsync(clickHouse, cancellationToken);
            return known with { Answers = await Task.WhenAll(answers), Tables = await Task.WhenAll(counted), Unmatched = await unmatched };
        }
        catch (SampleException e)
        {
            return known with { State = SampleState.Failed, Detail = e.Message };
        }
    }

    private static async Task<Answer> AnswerAsync(ClickHouseQueries clickHouse, Question question, CancellationToken cancellationToken) =>
        new(question.View, question.Title, [.. question.Columns.Select(c => c.Name)], await clickHouse.QueryAsync(question.Sql, cancellationToken));

    private static async Task<TableStatus> CountAsync(ClickHouseQueries clickHouse, TableStatus table, CancellationToken cancellationToken)
    {
        var rows = await clickHouse.QueryAsync($"SELECT count() FROM {SalesTables.Database}.{table.Name}_current", cancellationToken);
        return table with { Rows = Number(rows[0][0]) };
    }

    private static async Task<Unmatched> UnmatchedAsync(ClickHouseQueries clickHouse, CancellationToken cancellationToken)
    {
        var row = (await clickHouse.QueryAsync($"SELECT * FROM {SalesTables.Database}.v_sales_unmatched", cancellationToken))[0];
        return new Unmatched(Number(row[0]), Number(row[1]), Number(row[2]), Number(row[3]));
    }

    private static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);
}
