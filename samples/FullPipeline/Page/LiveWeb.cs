using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FullPipeline;

/// <summary>The page, its figures, its files and its buttons, on the loopback address only unless told otherwise.</summary>
internal static class LiveWeb
{
    // ECharts and uPlot set styles by script, which is no inline style.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly (string Name, string Type)[] Files =
    [
        ("page.css", "text/css"), ("page.js", "text/javascript"), ("charts.js", "text/javascript"), ("uPlot.iife.min.js", "text/javascript"), ("uPlot.min.css", "text/css"), ("echarts.common.min.js", "text/javascript"),
    ];

    /// <exception cref="SampleException">The port is taken.</exception>
    public static async Task<WebApplication> StartAsync(int port, LiveBoard board, PageActions actions)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("AllowedHosts", "127.0.0.1;localhost"); // another site's name that resolves to us is refused
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(PageAddress(), port);
            server.AddServerHeader = false;
        });
        builder.Services.AddRazorComponents();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1)); // event streams do not end by themselves
        var app = builder.Build();
        app.Use(WithHeaders);
        app.MapGet("/", () => new RazorComponentResult<LivePage>(new { Status = board.Read(), actions.Token }));
        app.MapGet("/status.json", () => Results.Json(board.Read()));
        app.MapGet("/events", (CancellationToken gone) => TypedResults.ServerSentEvents(EventsAsync(board, app.Lifetime.ApplicationStopping, gone)));
        app.MapPost("/actions/{name}", (string name, HttpRequest request, CancellationToken gone) => ActAsync(name, request, actions, gone));
        foreach (var (name, type) in Files) app.MapGet($"/{name}", () => Results.Stream(Assets.Open(name), type));
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new SampleException($"Port {port} is in use: name another with --port, or 0 for any free one.", e);
        }

        return app;
    }

    // In a container the loopback address is the container's own: there the published port is bound to the host's loopback instead.
    private static IPAddress PageAddress() => Environment.GetEnvironmentVariable("PAGE_BIND") == "any" ? IPAddress.Any : IPAddress.Loopback;

    private static async Task<IResult> ActAsync(string name, HttpRequest request, PageActions actions, CancellationToken gone)
    {
        if (!request.HasFormContentType || !actions.IsOurs((await request.ReadFormAsync(gone))["token"])) return Results.StatusCode(StatusCodes.Status403Forbidden);
        return await actions.RunAsync(name, gone) ? Results.Redirect("/") : Results.NotFound();
    }

    private static async IAsyncEnumerable<SseItem<object>> EventsAsync(LiveBoard board, CancellationToken stopping, [EnumeratorCancellation] CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, gone);
        var never = Task.Delay(Timeout.Infinite, end.Token);
        yield return new SseItem<object>(board.History.Points, "history");
        DateTimeOffset? compared = null;
        while (!end.IsCancellationRequested)
        {
            var comparison = board.Read().Comparison;
            if (comparison.At != compared) yield return new SseItem<object>(AnswerCharts(comparison), "answers");
            compared = comparison.At;
            if (await Task.WhenAny(board.History.Changed, never) == never) yield break;
            yield return new SseItem<object>(board.History.Last!, "point");
        }
    }

    /// <summary>What the charts of the answers show.</summary>
    private static object AnswerCharts(Comparison comparison) =>
        comparison.Answers.Zip(Question.All, (answer, question) => new { answer.View, Measure = question.Columns.First(c => c.Name == question.Measure).Heading, Rows = AnswerPair.Of(question, answer).Take(10) });

    private static Task WithHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
