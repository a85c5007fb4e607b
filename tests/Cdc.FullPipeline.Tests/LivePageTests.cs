using System.Net;
using System.Text.Json;
using Microsoft.Playwright;

namespace Cdc.FullPipeline.Tests;

/// <summary>The page as a person has it: in Chromium, over a live pipeline.</summary>
public sealed class LivePageTests(LiveSample live)
{
    private static readonly string Pictures = Environment.GetEnvironmentVariable("FULLPIPELINE_SCREENSHOTS") == "1"
        ? Path.Combine(Repository.Root, "samples", "FullPipeline", "screenshots") : Path.Combine(Repository.Root, "artifacts", "screenshots");

    // Texts whose contrast with what is behind them is below WCAG's 4.5 (3 for large ones).
    private const string Contrast =
        """
        () => {
          const channels = c => c.match(/[\d.]+/g).map(Number);
          const luminance = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = e => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if ((c[3] ?? 1) === 1) return c.slice(0, 3); } return [255, 255, 255]; };
          return [...document.querySelectorAll('body *')].filter(e => !e.closest('.hidden, .skip, svg, canvas, :disabled') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length).flatMap(e => {
            const style = getComputedStyle(e), [a, b] = [luminance(channels(style.color).slice(0, 3)), luminance(ground(e))].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
            const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
            return ratio < (large ? 3 : 4.5) ? [`${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}": ${ratio.toFixed(2)}`] : [];
          });
        }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_burst_an_outage_of_ClickHouse_and_a_poison_row_end_with_everything_equal() => DriveAsync(withKafka: false);

    [Fact]
    public Task They_do_over_a_real_Kafka_and_a_real_Debezium_too() => DriveAsync(withKafka: true);

    private async Task DriveAsync(bool withKafka)
    {
        Assert.SkipWhen(Browser.Program is null, "Chromium is missing (Debian: apt-get install chromium).");
        var sample = await live.StartAsync(withKafka);
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(sample.Http.BaseAddress!, 1440, 1000);
        await Assertions.Expect(page.Locator("[data-verdict=Equal]")).ToHaveCountAsync(5, new() { Timeout = 120_000 });
        await Assertions.Expect(page.Locator("#plot-events canvas")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#chart-v_sales_year_on_year canvas")).ToBeVisibleAsync();

        // A burst, by keyboard.
        var before = Soak.Applied(await sample.StatusAsync());
        await page.Locator("#burst").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await LiveSample.UntilAsync(sample, s => Soak.Applied(s) > before + 10_000, TimeSpan.FromSeconds(120), "the burst is applied");
        await OutageAsync(sample, page, picture: !withKafka);

        await page.Locator("#poison").ClickAsync();
        await Assertions.Expect(page.Locator("#dead-letters")).ToHaveTextAsync("1", new() { Timeout = 120_000 });
        await Assertions.Expect(page.Locator(".letters")).ToContainTextAsync("sales.due_date");
        if (LiveSample.IsLong)
        {
            var soak = new Soak(sample);
            await soak.RunAsync(TimeSpan.FromMinutes(4), Stop);
            await OutageAsync(sample, page, picture: false);
            await soak.RunAsync(TimeSpan.FromMinutes(4), Stop);
            soak.AssertSteady();
        }

        await Task.Delay(TimeSpan.FromSeconds(13), Stop); // the generator heals the row after twelve
        var now = DateTimeOffset.UtcNow;
        var status = await LiveSample.UntilAsync(sample, s => LiveSample.IsEqualSince(s, now), TimeSpan.FromMinutes(3), "everything is equal again");
        Assert.Equal(1, status.GetProperty("deadLetters").GetInt64());
        Assert.All(status.GetProperty("tables").EnumerateArray(), t => Assert.Equal(JsonValueKind.Null, t.GetProperty("stopped").ValueKind));
        Assert.InRange(Soak.Memory(sample), 0, 700L << 20);

        await Assertions.Expect(page.Locator("[data-verdict=Equal]")).ToHaveCountAsync(5, new() { Timeout = 120_000 });
        await page.EvaluateAsync("document.activeElement.blur(), scrollTo(0, 0)");
        await PictureAsync(page, withKafka ? "kafka" : "desktop");
        await page.EvaluateAsync("document.querySelector('#questions').scrollIntoView()");
        if (!withKafka) await PictureAsync(page, "answers");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task It_is_drawn_dark_and_on_a_phone_without_scrolling_sideways()
    {
        Assert.SkipWhen(Browser.Program is null, "Chromium is missing (Debian: apt-get install chromium).");
        var sample = await live.StartAsync();
        await using var browser = await Browser.StartAsync();
        foreach (var (name, width, height, scheme) in ((string, int, int, ColorScheme)[])[("dark", 1440, 1000, ColorScheme.Dark), ("phone", 390, 844, ColorScheme.Light)])
        {
            var page = await browser.OpenAsync(sample.Http.BaseAddress!, width, height, scheme);
            await Assertions.Expect(page.Locator("body.live")).ToBeVisibleAsync(new() { Timeout = 20_000 });
            await Assertions.Expect(page.Locator("#chart-v_sales_year_on_year canvas")).ToBeVisibleAsync(new() { Timeout = 120_000 });
            await PictureAsync(page, name);
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width, $"{name}: the page is wider than the window");
            Assert.Empty(await page.EvaluateAsync<string[]>(Contrast));
        }

        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_in_order()
    {
        Assert.SkipWhen(Browser.Program is null, "Chromium is missing (Debian: apt-get install chromium).");
        var sample = await live.StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(sample.Http.BaseAddress!, 1440, 1000);
        var reached = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.className || document.activeElement.getAttribute('aria-labelledby')"));
        }

        Assert.Equal(["skip", "burst", "stop-clickhouse", "poison", "tables"], reached.Select(r => r == "scroll" ? "tables" : r).Take(5)); // ClickHouse runs: starting it is no choice
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Without_JavaScript_it_has_the_figures_and_its_buttons_work()
    {
        Assert.SkipWhen(Browser.Program is null, "Chromium is missing (Debian: apt-get install chromium).");
        var sample = await live.StartAsync();
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(sample.Http.BaseAddress!, 1440, 1000, script: false);
        await Assertions.Expect(page.Locator("[data-verdict]")).ToHaveCountAsync(5);
        await Assertions.Expect(page.Locator("#tables")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("article table tbody tr").First).ToBeVisibleAsync();
        await page.Locator("#stop-clickhouse").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(sample.Http.BaseAddress!.ToString());
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Paused");
        await Assertions.Expect(page.Locator("#stop-clickhouse")).ToBeDisabledAsync();
        await page.Locator("#start-clickhouse").ClickAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(page.Locator("#start-clickhouse")).ToBeDisabledAsync();
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Its_buttons_cannot_be_pressed_from_elsewhere_and_it_answers_to_no_other_name()
    {
        var sample = await live.StartAsync();
        foreach (var token in (string?[])[null, "", "0123456789abcdef0123456789abcdef"])
        {
            using var form = new FormUrlEncodedContent(token is null ? [] : [new("token", token)]);
            using var refused = await sample.Http.PostAsync(new Uri("actions/stop-clickhouse", UriKind.Relative), form, Stop);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        foreach (var path in (string[])["/", "/status.json", "/events"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "elsewhere.example" } };
            using var refused = await sample.Http.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        Assert.False((await sample.StatusAsync()).GetProperty("isClickHouseStopped").GetBoolean());
        using var page = await sample.Http.GetAsync(new Uri("/", UriKind.Relative), Stop);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_dataset_of_the_Superset_dashboard_has_its_columns_and_metrics()
    {
        var sample = await live.StartAsync();
        var endpoint = new Uri((await sample.StatusAsync()).GetProperty("endpoint").GetString()!);
        foreach (var dataset in SupersetDataset.All)
        {
            using var answer = await sample.Http.PostAsync(endpoint, new StringContent(dataset.Query), Stop);
            Assert.True(answer.IsSuccessStatusCode, $"{dataset.Name}: {await answer.Content.ReadAsStringAsync(Stop)}");
        }
    }

    [Fact]
    public async Task Every_chart_of_the_Superset_dashboard_gets_rows()
    {
        var sample = await live.StartAsync();
        var endpoint = new Uri((await sample.StatusAsync()).GetProperty("endpoint").GetString()!);
        Assert.Equal(13, SupersetChart.All.Count);
        foreach (var chart in SupersetChart.All)
        {
            using var answer = await sample.Http.PostAsync(endpoint, new StringContent(chart.Query), Stop);
            var text = (await answer.Content.ReadAsStringAsync(Stop)).Trim();
            Assert.True(answer.IsSuccessStatusCode && text.Length > 0 && text is not ("0" or "\\N"), $"{chart.Name}: {chart.Query}\n{text}");
        }
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        Directory.CreateDirectory(Pictures);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Pictures, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
    }

    private static async Task OutageAsync(SampleProcess sample, IPage page, bool picture)
    {
        await page.Locator("#stop-clickhouse").ClickAsync();
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Paused", new() { Timeout = 120_000 });
        await LiveSample.UntilAsync(sample, s => s.GetProperty("lagEvents").GetInt64() > 300 && s.GetProperty("rate").GetInt64() == 0, TimeSpan.FromSeconds(120), "changes wait");
        if (picture) await PictureAsync(page, "paused");
        await page.Locator("#start-clickhouse").ClickAsync();
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("Streaming", new() { Timeout = 180_000 });
    }
}
