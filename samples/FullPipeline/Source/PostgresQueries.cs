using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace FullPipeline;

/// <summary>What is asked of the source: the five questions, and how its tables, its log and its slot stand.</summary>
internal sealed partial class PostgresQueries(NpgsqlDataSource data)
{
    private static readonly Dictionary<string, string> Questions = Blocks(Assets.Text("questions.sql"));

    /// <summary>An answer's rows as text, every number with all its digits.</summary>
    public static Task<IReadOnlyList<IReadOnlyList<string?>>> AskAsync(NpgsqlConnection connection, Question question, CancellationToken cancellationToken) =>
        RowsAsync(connection, Questions[question.View], cancellationToken);

    /// <summary>The rows of a query as text.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string?>>> RowsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<IReadOnlyList<string?>>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Text(reader, i))]);
        return rows;
    }

    public static async Task<IReadOnlyDictionary<string, long>> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        foreach (var table in SalesSchema.Tables)
        {
            await using var command = new NpgsqlCommand($"SELECT count(*) FROM franco.{table}", connection);
            counts[table] = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        return counts;
    }

    /// <summary>The slot and the log. <paramref name="slot"/> may not exist yet.</summary>
    public async Task<SourceFigures> ReadAsync(string slot, CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken);
        var rows = await CountAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_current_wal_lsn()::text,
                   (SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = $1),
                   (SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint FROM pg_replication_slots WHERE slot_name = $1),
                   (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables WHERE schemaname = 'franco')
            """, connection) { Parameters = { new() { Value = slot } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SourceFigures(rows, reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetInt64(3));
    }

    // Dates as ClickHouse writes them; infinity, the poison, as PostgreSQL does.
    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDataTypeName(column) != "date" ? Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)
        : reader.GetFieldValue<DateOnly>(column) is var day && day == DateOnly.MaxValue ? "infinity" : day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Blocks(string script) =>
        Block().Matches(script).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

    [GeneratedRegex(@"^-- (v_\w+)\n(.*?;)$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}

/// <summary>How the source stands.</summary>
/// <param name="Rows">Rows of each table.</param>
/// <param name="Position">Where its log ends.</param>
/// <param name="RetainedBytes">What the slot keeps of the log; null without a slot.</param>
/// <param name="UnconfirmedBytes">What of the log the reader of the slot has not confirmed.</param>
/// <param name="Changes">Rows changed since statistics began.</param>
public sealed record SourceFigures(IReadOnlyDictionary<string, long> Rows, string Position, long? RetainedBytes, long? UnconfirmedBytes, long Changes);
