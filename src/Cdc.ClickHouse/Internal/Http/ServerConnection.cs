using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Cdc.ClickHouse.Internal.Errors;

namespace Cdc.ClickHouse.Internal.Http;

/// <summary>Sends one request to the server and reads its answer to the end. Retrying is for whoever calls.</summary>
internal sealed class ServerConnection : IDisposable
{
    private const int MaxErrorText = 64 * 1024;
    private readonly HttpClient http;
    private readonly Uri endpoint;
    private readonly Func<CancellationToken, ValueTask<ClickHouseCredentials>>? provider;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly string idPrefix = $"cdc-{Guid.NewGuid():N}"[..16];
    private volatile ClickHouseCredentials? credentials;
    private long lastId;

    public ServerConnection(ClickHouseOptions options, TimeProvider time)
    {
        this.time = time;
        endpoint = options.Endpoint!;
        timeout = options.RequestTimeout;
        provider = options.CredentialProvider;
        credentials = provider is not null ? null
            : options.BearerToken is { Length: > 0 } token ? ClickHouseCredentials.Bearer(token)
            : options.User is { Length: > 0 } user ? ClickHouseCredentials.Basic(user, options.Password ?? "")
            : null;
        http = options.HttpMessageHandler is { } own
            ? new HttpClient(own, disposeHandler: false)
            : new HttpClient(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            });
        http.Timeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>Sends a block. The id of the query is another one for every try.</summary>
    public async Task<InsertReply> InsertAsync(string target, HttpContent block, CancellationToken cancellationToken)
    {
        var queryId = NextId();
        try
        {
            var (status, codeHeader, retryAfter, body) = await SendAsync($"{target}&query_id={queryId}", block, MaxErrorText, cancellationToken).ConfigureAwait(false);
            if ((int)status is >= 200 and < 300 && codeHeader is null && body.Length == 0) return new InsertReply(queryId, null);
            return new InsertReply(queryId, Note(ServerError.Of(status, codeHeader, Encoding.UTF8.GetString(body), retryAfter)));
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            return new InsertReply(queryId, ServerError.Of(failure));
        }
    }

    /// <summary>Runs a query. Its parameters travel in the body, so no URL ever holds a value.</summary>
    /// <exception cref="ClickHouseServerException">The server refused it or did not answer.</exception>
    public async Task<byte[]> QueryAsync(string sql, IReadOnlyList<KeyValuePair<string, string>>? parameters, string settings, CancellationToken cancellationToken)
    {
        var queryId = NextId();
        using var content = Content(sql, parameters);
        ServerError error;
        try
        {
            var (status, codeHeader, retryAfter, body) = await SendAsync($"?wait_end_of_query=1{settings}&query_id={queryId}", content, int.MaxValue, cancellationToken).ConfigureAwait(false);
            if ((int)status is >= 200 and < 300 && codeHeader is null) return body;
            error = Note(ServerError.Of(status, codeHeader, Encoding.UTF8.GetString(body), retryAfter));
        }
        catch (Exception failure) when (IsConnectionFailure(failure, cancellationToken))
        {
            error = ServerError.Of(failure);
        }

        var transient = error.Rule.Class is ErrorClass.Transient or ErrorClass.Ambiguous or ErrorClass.Long;
        throw new ClickHouseServerException($"ClickHouse refused a query: {error.Describe(verbatim: parameters is null)} (query id {queryId})", error.Code, queryId, transient, error.Cause) { IsAway = error.IsAway };
    }

    private static HttpContent Content(string sql, IReadOnlyList<KeyValuePair<string, string>>? parameters)
    {
        if (parameters is null || parameters.Count == 0) return new StringContent(sql, Encoding.UTF8, "text/plain");
        var form = new MultipartFormDataContent { { new StringContent(sql), "query" } };
        foreach (var (name, value) in parameters) form.Add(new StringContent(value), $"param_{name}");
        return form;
    }

    private async Task<(HttpStatusCode Status, string? Code, TimeSpan? RetryAfter, byte[] Body)> SendAsync(string target, HttpContent content, int limit, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint.GetLeftPart(UriPartial.Path) + target)) { Content = content };
        Authorize(request.Headers, credentials ??= await AskAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token).ConfigureAwait(false);
            var body = await ReadAsync(response.Content, response.IsSuccessStatusCode ? limit : MaxErrorText, linked.Token).ConfigureAwait(false);
            var code = response.Headers.TryGetValues("X-ClickHouse-Exception-Code", out var values) ? string.Concat(values) : null;
            var after = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - time.GetUtcNow()) : null;
            return (response.StatusCode, code, after, body);
        }
        finally
        {
            // The block belongs to its writer: disposing the request must not dispose it.
            request.Content = null;
        }
    }

    private async ValueTask<ClickHouseCredentials?> AskAsync(CancellationToken cancellationToken)
    {
        if (provider is null) return null;
        try
        {
            return await provider(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new CredentialsException(failure);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var body = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
        {
            body.Write(chunk, 0, Math.Min(read, (int)Math.Max(0, limit - body.Length)));
        }

        return body.ToArray();
    }

    private ServerError Note(ServerError error)
    {
        // The provider is asked before the next request, not now: if it fails, that must not hide the server's answer.
        if (provider is not null && error.Rule.Credentials) credentials = null;
        return error;
    }

    private static void Authorize(HttpRequestHeaders headers, ClickHouseCredentials? credentials)
    {
        if (credentials is null) return;
        if (credentials.BearerToken is { } token)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return;
        }

        var pair = Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}");
        headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
    }

    /// <summary>Whether the request went unanswered, and not because the caller gave it up.</summary>
    private static bool IsConnectionFailure(Exception failure, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException or CredentialsException;

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{idPrefix}-{Interlocked.Increment(ref lastId)}");

    public void Dispose() => http.Dispose();
}

/// <summary>The provider of credentials failed: nothing was sent.</summary>
internal sealed class CredentialsException(Exception cause) : Exception("The provider of credentials failed.", cause);

/// <summary>The answer to one try of an insert.</summary>
/// <param name="QueryId">The id of that try.</param>
/// <param name="Error">What went wrong, or null when every row is stored.</param>
internal readonly record struct InsertReply(string QueryId, ServerError? Error);
