using System.Text;
using System.Text.Json;
using Cdc.TestSupport.Values;

namespace Cdc.TestSupport;

/// <summary>A column of a table in ClickHouse.</summary>
public sealed record StoredColumn(string Name, string Type);

/// <summary>Reads ClickHouse over HTTP with nothing of the code under test.</summary>
/// <param name="endpoint">The server's HTTP address.</param>
public sealed class ClickHouseReader(Uri endpoint) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = endpoint, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Runs a statement and returns its lines, each a JSON array.</summary>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string sql)
    {
        var text = await ExecuteAsync($"{sql} FORMAT JSONCompactEachRow");
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Runs a statement and returns what the server answers.</summary>
    public async Task<string> ExecuteAsync(string sql)
    {
        using var response = await http.PostAsync("?", new StringContent(sql, Encoding.UTF8));
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || response.Headers.Contains("X-ClickHouse-Exception-Code")) throw new InvalidOperationException($"ClickHouse answered {(int)response.StatusCode} to {sql}: {text}");
        return text;
    }

    /// <summary>The columns of a table in their order; none when there is no such table.</summary>
    public async Task<IReadOnlyList<StoredColumn>> ColumnsAsync(string database, string table) =>
        [.. (await QueryAsync($"SELECT name, type FROM system.columns WHERE database = {Literal(database)} AND table = {Literal(table)} ORDER BY position")).Select(r => new StoredColumn(r[0].GetString()!, r[1].GetString()!))];

    /// <summary>The rows of a table as <c>FINAL</c> gives them: the normal form of each of the source's columns that the table has.</summary>
    public async Task<IReadOnlyList<Dictionary<string, string?>>> RowsAsync(string database, string table, IReadOnlyList<StoredColumn> columns, TruthTable truth)
    {
        var present = truth.Columns.Join(columns, t => t.Name, c => c.Name, (t, c) => (t.Name, Pg: PgType.Parse(t.Type), c.Type)).ToList();
        var select = string.Join(", ", present.Select(c => StoredValue.Select(c.Type, Identifier(c.Name))));
        var rows = await QueryAsync($"SELECT {select} FROM {Identifier(database)}.{Identifier(table)} FINAL");
        return [.. rows.Select(row => present.Select((c, i) => (c.Name, Value: StoredValue.Normalize(c.Pg, c.Type, row[i]))).ToDictionary(c => c.Name, c => c.Value))];
    }

    /// <summary>Quotes a name.</summary>
    public static string Identifier(string name) => $"`{name.Replace("\\", "\\\\").Replace("`", "\\`")}`";

    /// <summary>Quotes a string.</summary>
    public static string Literal(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
