using Microsoft.AspNetCore.Http;

namespace Cdc.ClickHouse.Embedded.Host;

/// <summary>What a request says beside its body: the server's own words, placeholders' values, and settings.</summary>
internal sealed class RequestParameters
{
    // The server keeps these from being settings (HTTPHandler.cpp); those without a property are accepted and mean nothing here.
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "query", "database", "default_format", "session_id", "session_timeout", "session_check", "close_session", "query_id",
        "user", "password", "quota_key", "stacktrace", "role", "buffer_size", "wait_end_of_query", "client_protocol_version",
        "compress", "decompress",
    };

    private readonly Dictionary<string, string> reserved = new(StringComparer.Ordinal);

    public RequestParameters(HttpRequest request, IFormCollection? form)
    {
        var pairs = request.Query.Concat(form ?? Enumerable.Empty<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>>());
        foreach (var (name, values) in pairs)
        {
            var value = values[^1] ?? "";
            if (Reserved.Contains(name)) reserved[name] = value;
            else if (name.StartsWith("param_", StringComparison.Ordinal)) Placeholders[name["param_".Length..]] = value;
            else Settings[name] = value;
        }

        if (Flag("compress") || Flag("decompress"))
        {
            throw new EngineException(48, "compress=1 and decompress=1 are not supported by the embedded engine; use Content-Encoding", "NOT_IMPLEMENTED");
        }

        Query = Get("query") ?? "";
        Database = Get("database") ?? Header(request, "X-ClickHouse-Database");
        Format = Get("default_format") ?? Header(request, "X-ClickHouse-Format") ?? "TabSeparated";
        QueryId = Get("query_id") ?? Guid.NewGuid().ToString();
        SessionId = Get("session_id");
        SessionTimeout = TimeSpan.FromSeconds(int.TryParse(Get("session_timeout"), out var seconds) ? seconds : 60);
        SessionMustExist = Flag("session_check");
        IsReadOnly = HttpMethods.IsGet(request.Method);
    }

    public string Query { get; }

    public string? Database { get; }

    public string Format { get; }

    public string QueryId { get; }

    public string? SessionId { get; }

    public TimeSpan SessionTimeout { get; }

    public bool SessionMustExist { get; }

    /// <summary>A GET may not write, as on the server.</summary>
    public bool IsReadOnly { get; }

    public Dictionary<string, string> Placeholders { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    private bool Flag(string name) => Get(name) is "1" or "true";

    private string? Get(string name) => reserved.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var value) && value.Count > 0 ? value[^1] : null;
}
