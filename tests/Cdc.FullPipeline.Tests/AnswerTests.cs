using System.Net;

namespace Cdc.FullPipeline.Tests;

/// <summary>One run of the sample for the tests that only look at it.</summary>
public sealed class RunningSample : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("full-pipeline-");

    public SampleProcess Sample { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Sample = await SampleProcess.StartReadyAsync(folder.FullName);

    public async ValueTask DisposeAsync()
    {
        if (Sample is not null) await Sample.DisposeAsync();
        folder.Delete(recursive: true);
    }
}

public sealed class AnswerTests(RunningSample running) : IClassFixture<RunningSample>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v_sales_by_country_region")]
    [InlineData("v_top_employee_by_territory")]
    [InlineData("v_top_customers_by_region")]
    [InlineData("v_avg_customer_spend_by_region")]
    [InlineData("v_sales_year_on_year")]
    public async Task An_answer_is_what_the_source_would_answer(string view)
    {
        var expected = Truth.Answer(view);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await AnswerAsync(running.Sample, view));
    }

    [Fact]
    public async Task Every_table_has_the_rows_of_the_source()
    {
        var tables = (await running.Sample.StatusAsync()).GetProperty("tables").EnumerateArray();
        Assert.Equal(
            Truth.Rows.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, (long)t.Value)),
            tables.Select(t => (t.GetProperty("name").GetString()!, t.GetProperty("rows").GetInt64())));
    }

    [Fact]
    public async Task Every_message_of_the_capture_is_counted_once()
    {
        var capture = await Capture.ReadAsync();
        var status = await running.Sample.StatusAsync();
        var counters = status.GetProperty("counters");
        Assert.Equal(capture.Messages, counters.GetProperty("messages").GetInt64());
        Assert.Equal(capture.Changes, counters.GetProperty("applied").GetInt64());
        Assert.Equal(capture.Deletes, counters.GetProperty("deleted").GetInt64());
        Assert.Equal(capture.Messages - capture.Changes, counters.GetProperty("skipped").GetInt64());
        Assert.Equal(0, counters.GetProperty("deadLettered").GetInt64());
        Assert.Equal(capture.ChangesOf, status.GetProperty("tables").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => t.GetProperty("messages").GetInt64()));
    }

    [Fact]
    public async Task Money_is_stored_digit_for_digit_although_the_capture_has_doubles()
    {
        var endpoint = (await running.Sample.StatusAsync()).GetProperty("endpoint").GetString();
        Assert.SkipWhen(endpoint is null, "CLICKHOUSE_URL is set: the sample does not show that server's address");
        using var answer = await running.Sample.Http.PostAsync(
            new Uri($"{endpoint}?output_format_decimal_trailing_zeros=1"),
            new StringContent($"SELECT sales_id, {string.Join(", ", Truth.Money)} FROM franco.sales_current ORDER BY sales_id"), Stop);

        var stored = (await answer.Content.ReadAsStringAsync(Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Truth.MoneyOfSales, stored);
    }

    [Fact]
    public async Task Sales_that_an_answer_leaves_out_are_counted()
    {
        var unmatched = (await running.Sample.StatusAsync()).GetProperty("unmatched").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        Assert.Equal(Truth.Unmatched, unmatched);
        Assert.True(unmatched["withoutCustomer"] > 0, "the capture deletes a customer that has sales");
    }

    [Fact]
    public async Task The_page_has_the_answers_without_any_script()
    {
        var page = WebUtility.HtmlDecode(await running.Sample.Http.GetStringAsync(new Uri("/", UriKind.Relative), Stop));
        Assert.Contains("351,842.37", page, StringComparison.Ordinal); // East Africa's sales
        foreach (var employee in Truth.Answer("v_top_employee_by_territory").Select(row => row[3]!)) Assert.Contains(employee, page, StringComparison.Ordinal);
        Assert.Contains("東京", page, StringComparison.Ordinal);
        Assert.Contains("−653,796.86", page, StringComparison.Ordinal); // 2023, a year without a sale
        Assert.DoesNotContain("1970", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_runs_no_script_but_its_own_and_answers_to_no_other_name()
    {
        using var page = await running.Sample.Http.GetAsync(new Uri("/", UriKind.Relative), Stop);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/status.json") { Headers = { Host = "elsewhere.example" } };
        using var refused = await running.Sample.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    internal static async Task<List<string?[]>> AnswerAsync(SampleProcess sample, string view) =>
    [
        .. (await sample.StatusAsync()).GetProperty("answers").EnumerateArray().Single(a => a.GetProperty("view").GetString() == view)
            .GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => Truth.Text(cell.GetString())).ToArray()),
    ];
}
