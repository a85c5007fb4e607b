using System.Text.Json;

namespace FullPipeline;

/// <summary>Asks ClickHouse over HTTP. Every value comes as the server's own text, so no digit of a Decimal is lost.</summary>
internal sealed class ClickHouseQueries : IDisposable
{
    private const string Settings =
        "?wait_end_of_query=1&default_format=JSONCompact&output_format_json_quote_decimals=1&output_format_json_quote_64bit_integers=1&output_format_decimal_trailing_zeros=1";

    private readonly HttpClient http;

    public ClickHouseQueries(ClickHouseServer server)
    {
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Endpoint };
        if (server.User is null) return;
        http.DefaultRequestHeaders.Add("X-ClickHouse-User", server.User);
        http.DefaultRequestHeaders.Add("X-ClickHouse-Key", server.Password);
    }

    /// <summary>Runs the statements of a script, one after the other.</summary>
    /// <exception cref="SampleException">A statement failed.</exception>
    public async Task RunScriptAsync(string script, CancellationToken cancellationToken)
    {
        foreach (var statement in SqlScript.Statements(script)) await SendAsync(statement, cancellationToken);
    }

    /// <summary>Runs a query and gives its rows; a null is a NULL.</summary>
    /// <exception cref="SampleException">The query failed, or ClickHouse does not answer.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<string?>>> QueryAsync(string query, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(await SendAsync(query, cancellationToken));
        return [.. json.RootElement.GetProperty("data").EnumerateArray().Select(row => (IReadOnlyList<string?>)[.. row.EnumerateArray().Select(Text)])];
    }

    public void Dispose() => http.Dispose();

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private async Task<string> SendAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.PostAsync(Settings, new StringContent(sql), cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode && !response.Headers.Contains("X-ClickHouse-Exception-Code")) return body;
            throw new SampleException($"ClickHouse refused a statement: {body.ReplaceLineEndings(" ").Trim()}");
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SampleException($"ClickHouse does not answer at {http.BaseAddress}: {e.Message}", e);
        }
    }
}
