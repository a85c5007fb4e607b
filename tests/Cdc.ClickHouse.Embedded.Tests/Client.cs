using System.Net;
using System.Text;

namespace Cdc.ClickHouse.Embedded.Tests;

/// <summary>Sends what curl would.</summary>
public sealed class Client(Uri endpoint)
{
    private static readonly HttpClient Http = new();
    private static int tables;

    public async Task<HttpResponseMessage> SendAsync(string urlQuery, HttpContent? body = null)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(endpoint, "?" + urlQuery)) { Content = body };
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<string> QueryAsync(string sql, string urlQuery = "")
    {
        using var response = await SendAsync(urlQuery, new StringContent(sql));
        var text = (await response.Content.ReadAsStringAsync()).TrimEnd('\n');
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return text;
    }

    public Task<HttpResponseMessage> InsertAsync(string statement, byte[] data, string? encoding = null, string settings = "")
    {
        var content = new ByteArrayContent(data);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        return SendAsync($"query={Uri.EscapeDataString(statement)}{settings}", content);
    }

    /// <summary>A fresh table with the columns <c>id Int32, name String</c>.</summary>
    public async Task<string> CreateTableAsync()
    {
        var name = $"t{Interlocked.Increment(ref tables)}";
        await QueryAsync($"CREATE TABLE {name} (id Int32, name String) ENGINE = MergeTree ORDER BY id");
        return name;
    }

    public Task<string> RowsAsync(string table) => QueryAsync($"SELECT * FROM {table} ORDER BY id");
}

public static class Rows
{
    public static byte[] Json(params (int Id, string Name)[] rows) =>
        Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => $$"""{"id":{{row.Id}},"name":"{{row.Name}}"}""" + "\n")));

    public static byte[] RowBinary(params (int Id, string Name)[] rows) => Write(writer =>
    {
        foreach (var (id, name) in rows)
        {
            writer.Write(id);
            writer.Write(name);
        }
    });

    public static byte[] Native(params (int Id, string Name)[] rows) => Write(writer =>
    {
        writer.Write7BitEncodedInt(2);
        writer.Write7BitEncodedInt(rows.Length);
        writer.Write("id");
        writer.Write("Int32");
        foreach (var row in rows) writer.Write(row.Id);
        writer.Write("name");
        writer.Write("String");
        foreach (var row in rows) writer.Write(row.Name);
    });

    private static byte[] Write(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
