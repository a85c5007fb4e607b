using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>Answers one request as clickhouse-server's HTTP interface does.</summary>
internal sealed class RequestHandler(Engine engine, Sessions sessions)
{
    // The server looks no further for the end of a statement (max_query_size).
    private const int MaxHead = 256 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["X-ClickHouse-Server-Display-Name"] = "cdc-embedded";
        context.Response.Headers["X-ClickHouse-Timezone"] = engine.Timezone;
        try
        {
            if (context.Request.Path.Value is "/ping" or "/replicas_status" || IsGreeting(context.Request))
            {
                await context.Response.WriteAsync("Ok.\n").ConfigureAwait(false);
            }
            else
            {
                await RunAsync(context).ConfigureAwait(false);
            }
        }
        catch (EngineException e)
        {
            await RefuseAsync(context, e).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            await RefuseAsync(context, new EngineException(354, $"The compressed body is damaged or cut short: {e.Message}", "ZLIB_INFLATE_FAILED"))
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or BadHttpRequestException)
        {
            // The client is gone; an insert of it was cancelled.
            context.Abort();
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            await RefuseAsync(context, new EngineException(1002, $"{e.GetType().Name}: {e.Message}", "UNKNOWN_EXCEPTION")).ConfigureAwait(false);
        }
    }

    private static bool IsGreeting(HttpRequest request) => HttpMethods.IsGet(request.Method) && !request.QueryString.HasValue;

    private async Task RunAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType && context.Request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            ? await context.Request.ReadFormAsync().ConfigureAwait(false)
            : null;
        var request = new RequestParameters(context.Request, form);
        context.Response.Headers["X-ClickHouse-Query-Id"] = request.QueryId;
        var body = form is null ? RequestBody.Open(context.Request) : Stream.Null;

        if (request.SessionId is { } id)
        {
            var thread = sessions.Take(id, request.SessionMustExist);
            try
            {
                await thread.RunAsync(connection => Run(connection, request, body, context.Response)).ConfigureAwait(false);
            }
            finally
            {
                sessions.Return(id, request.SessionTimeout);
            }
        }
        else
        {
            using var thread = new EngineThread(engine);
            await thread.RunAsync(connection => Run(connection, request, body, context.Response)).ConfigureAwait(false);
        }
    }

    private static void Run(EngineConnection connection, RequestParameters request, Stream body, HttpResponse response)
    {
        var query = Engine.Bytes(request.Query);
        var statement = Statement.Parse(query);
        if (statement.Format is null)
        {
            query = [.. query, .. RequestBody.ReadUpTo(body, MaxHead)];
            statement = Statement.Parse(query);
        }

        if (query.Length == 0) throw new EngineException(62, "Syntax error: empty query", "SYNTAX_ERROR");

        var rest = new ConcatStream(query.AsMemory(statement.DataStart), body);
        using var scope = new RequestScope(connection, request, request.SessionId is not null);
        if (statement.Format is null || (statement.Format == "Values" && request.Placeholders.Count > 0))
        {
            query = [.. query, .. RequestBody.ReadUpTo(body, int.MaxValue)];
            using var result = connection.Query(query, request.Format, request.Placeholders);
            Answer(response, result, Statement.ResultFormat(query) ?? request.Format);
        }
        else
        {
            using var result = statement.Input is { } input
                ? InputTable.Insert(connection, statement, input, rest, request.Placeholders)
                : connection.Insert(statement.Head, statement.Format, rest, request.Placeholders);
            Answer(response, result, statement.Format);
        }
    }

    private static void Answer(HttpResponse response, EngineResult result, string format)
    {
        response.Headers["X-ClickHouse-Format"] = format;
        response.Headers["X-ClickHouse-Summary"] = result.Summary();
        response.ContentType = ContentType(format);
        response.ContentLength = result.Length;
        if (HttpMethods.IsHead(response.HttpContext.Request.Method) || result.Length == 0) return;
        using var data = result.Open();
        data.CopyTo(response.Body, 256 * 1024);
    }

    private static string ContentType(string format) => format switch
    {
        "TabSeparated" or "TSV" => "text/tab-separated-values; charset=UTF-8",
        "CSV" or "CSVWithNames" => "text/csv; charset=UTF-8",
        _ when format.StartsWith("JSONEach", StringComparison.OrdinalIgnoreCase) => "application/x-ndjson; charset=UTF-8",
        _ when format.StartsWith("JSON", StringComparison.OrdinalIgnoreCase) => "application/json; charset=UTF-8",
        _ when format.StartsWith("RowBinary", StringComparison.OrdinalIgnoreCase) || format == "Native" => "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    };

    private static async Task RefuseAsync(HttpContext context, EngineException e)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        try
        {
            // A client that is still sending would see a reset connection instead of the answer.
            await context.Request.Body.CopyToAsync(Stream.Null).ConfigureAwait(false);
            context.Response.StatusCode = e.HttpStatus;
            context.Response.ContentLength = null;
            context.Response.ContentType = "text/plain; charset=UTF-8";
            context.Response.Headers["X-ClickHouse-Exception-Code"] = e.Code.ToString(CultureInfo.InvariantCulture);
            await context.Response.WriteAsync(e.Message.TrimEnd('\n') + "\n").ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or BadHttpRequestException)
        {
            context.Abort();
        }
    }
}
