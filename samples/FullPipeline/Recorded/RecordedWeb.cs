using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FullPipeline;

/// <summary>The page, its status and its two files, on the loopback address only.</summary>
internal static class RecordedWeb
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <exception cref="SampleException">The port is taken.</exception>
    public static async Task<WebApplication> StartAsync(int port, StatusBoard board)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("AllowedHosts", "127.0.0.1;localhost"); // another site's name that resolves to us is refused
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, port);
            server.AddServerHeader = false;
        });
        builder.Services.AddRazorComponents();
        var app = builder.Build();
        app.Use(WithHeaders);
        app.MapGet("/", async Task<RazorComponentResult<StatusPage>> (CancellationToken stop) => new(new { Status = await board.ReadAsync(stop) }));
        app.MapGet("/status.json", async (CancellationToken stop) => Results.Json(await board.ReadAsync(stop)));
        app.MapGet("/page.css", () => Results.Text(Assets.Text("recorded.css"), "text/css"));
        app.MapGet("/page.js", () => Results.Text(Assets.Text("recorded.js"), "text/javascript"));
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

    private static Task WithHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
