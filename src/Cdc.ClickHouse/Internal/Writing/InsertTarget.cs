using System.Text;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>The query part of an insert's address: the statement and every setting that decides what is stored.</summary>
internal static class InsertTarget
{
    // One block, stored or refused as a whole, by the server's own types, before the answer comes. Versions make repeats harmless, so nothing
    // is dropped as a duplicate; and rows of one key stay until a merge, where an unchanged value of an earlier row may still be looked up.
    private const string Settings =
        "&async_insert=0&wait_for_async_insert=1&wait_end_of_query=1&insert_deduplicate=0&optimize_on_insert=0"
        + "&input_format_skip_unknown_fields=0&input_format_null_as_default=0&input_format_defaults_for_omitted_fields=1&input_format_allow_errors_num=0&input_format_allow_errors_ratio=0"
        + "&materialized_views_ignore_errors=0&send_progress_in_http_headers=0&distributed_foreground_insert=1"
        + "&max_insert_block_size=1048576&min_insert_block_size_rows=1048576&min_insert_block_size_bytes=268435456";

    /// <param name="plan">Where to.</param>
    /// <param name="columns">The columns of the block.</param>
    /// <param name="convert">Whether the server may convert: only where every difference was found to be a lossless widening.</param>
    /// <param name="timeout">The request's time limit: the server gives up before the client does.</param>
    public static string Of(TablePlan plan, IEnumerable<string> columns, bool convert, TimeSpan timeout)
    {
        var sql = $"INSERT INTO {Sql.Name(plan.Database, plan.Table)} ({Sql.Names(columns)}) FORMAT Native";
        var seconds = Math.Max(1, (int)(timeout.TotalSeconds * 0.9));
        return new StringBuilder("?query=").Append(Uri.EscapeDataString(sql)).Append(Settings)
            .Append("&input_format_native_allow_types_conversion=").Append(convert ? '1' : '0')
            .Append("&max_execution_time=").Append(seconds).ToString();
    }
}
