using System.Diagnostics;
using Npgsql;

namespace FullPipeline;

/// <summary>
/// Asks source and target the five questions again and again. The generator is held meanwhile, a second or so, for answers of two moments would prove
/// nothing: the source's are taken, then the target's until they are equal or the patience ends.
/// </summary>
internal sealed class Comparer(NpgsqlDataSource source, ClickHouseQueries target, Func<bool> isBehind, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public Comparison Last { get; private set; } = Comparison.None;

    /// <summary>Why the last attempt came to nothing, or null.</summary>
    public string? Problem { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Last = await CompareAsync(cancellationToken);
                Problem = null;
            }
            catch (Exception e) when (e is SampleException or NpgsqlException)
            {
                Problem = e is SampleException ? e.Message : "PostgreSQL does not answer";
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task<Comparison> CompareAsync(CancellationToken cancellationToken)
    {
        await target.QueryAsync("SELECT 1", cancellationToken); // nobody is held for a target that is away
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        await ExecuteAsync(connection, $"SET lock_timeout = '5s'; SELECT pg_advisory_lock({SalesControl.Lock})", cancellationToken);
        try
        {
            var at = time.GetUtcNow();
            var sums = new Dictionary<string, IReadOnlyList<string?>>();
            foreach (var table in SalesSchema.Tables) sums[table] = (await PostgresQueries.RowsAsync(connection, TableCheck.Sql(table, ""), cancellationToken))[0];
            var asked = new List<(Question Question, IReadOnlyList<IReadOnlyList<string?>> Rows)>();
            foreach (var question in Question.All) asked.Add((question, await PostgresQueries.AskAsync(connection, question, cancellationToken)));
            while (true)
            {
                var answers = new List<ComparedAnswer>();
                foreach (var (question, rows) in asked)
                {
                    answers.Add(new ComparedAnswer(question.View, question.Title, Verdict.Unknown, [.. question.Columns.Select(c => c.Name)], rows, await target.QueryAsync(question.Sql, cancellationToken)));
                }

                var tables = new List<TableCheck>();
                foreach (var (table, row) in sums) tables.Add(new TableCheck(table, row, (await target.QueryAsync(TableCheck.Sql(table, "_current"), cancellationToken))[0]));
                var isLast = clock.Elapsed > Patience;
                if (isLast || (answers.All(a => a.IsEqual) && tables.All(t => t.IsEqual)))
                {
                    var unequal = isBehind() ? Verdict.CatchingUp : Verdict.Differs;
                    return new Comparison(at, Math.Round(clock.Elapsed.TotalMilliseconds), tables, [.. answers.Select(a => a with { Verdict = a.IsEqual ? Verdict.Equal : unequal })]);
                }

                await Task.Delay(200, cancellationToken);
            }
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({SalesControl.Lock})", CancellationToken.None);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
