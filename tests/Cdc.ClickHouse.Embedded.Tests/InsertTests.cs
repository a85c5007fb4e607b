using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using K4os.Compression.LZ4.Streams;

namespace Cdc.ClickHouse.Embedded.Tests;

public sealed class InsertTests(EngineFixture fixture)
{
    private const string TwoRows = "1\tone\n2\ttwo";
    private const string OneBlock = "max_insert_block_size=100000000&min_insert_block_size_rows=100000000";
    private readonly Client client = fixture.Client;

    private static byte[] Encode(string format) => format switch
    {
        "Native" => Rows.Native((1, "one"), (2, "two")),
        "RowBinary" => Rows.RowBinary((1, "one"), (2, "two")),
        _ => Rows.Json((1, "one"), (2, "two")),
    };

    [Theory]
    [InlineData("Native")]
    [InlineData("RowBinary")]
    [InlineData("JSONEachRow")]
    public async Task Insert_takes_its_statement_from_the_url_and_its_data_from_the_body(string format)
    {
        var table = await client.CreateTableAsync();
        using var response = await client.InsertAsync($"INSERT INTO {table} (id, name) FORMAT {format}", Encode(format));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("\"written_rows\":\"2\"", response.Headers.GetValues("X-ClickHouse-Summary").Single(), StringComparison.Ordinal);
        Assert.Equal(TwoRows, await client.RowsAsync(table));
    }

    [Theory]
    [InlineData("Native")]
    [InlineData("RowBinary")]
    [InlineData("JSONEachRow")]
    public async Task Insert_may_have_its_statement_as_the_first_line_of_the_body(string format)
    {
        var table = await client.CreateTableAsync();
        byte[] body = [.. Encoding.UTF8.GetBytes($"INSERT INTO {table} (id, name) SETTINGS async_insert=0 FORMAT {format}\n"), .. Encode(format)];
        using var response = await client.SendAsync("", new ByteArrayContent(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(TwoRows, await client.RowsAsync(table));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("lz4")]
    public async Task Body_may_be_compressed(string encoding)
    {
        var table = await client.CreateTableAsync();
        using var response = await client.InsertAsync($"INSERT INTO {table} FORMAT Native", Compress(Encode("Native"), encoding), encoding);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(TwoRows, await client.RowsAsync(table));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("lz4")]
    public async Task Compressed_body_that_ends_too_early_inserts_nothing(string encoding)
    {
        var table = "one_byte_" + encoding;
        await client.QueryAsync($"CREATE TABLE {table} (b UInt8) ENGINE = MergeTree ORDER BY b");
        var bytes = new byte[500_000]; // rows of one byte: any beginning of it could be inserted
        new Random(1).NextBytes(bytes);
        var whole = Compress(bytes, encoding);
        using var response = await client.InsertAsync($"INSERT INTO {table} FORMAT RowBinary", whole[..^2000], encoding);
        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("0", await client.QueryAsync($"SELECT count() FROM {table}"));
    }

    [Theory]
    [InlineData("Content-Length: 20000000", "")]
    [InlineData("Transfer-Encoding: chunked", "989680\r\n")]
    public async Task Connection_lost_within_the_body_inserts_nothing(string framing, string before)
    {
        var table = "lost_" + before.Length;
        await client.QueryAsync($"CREATE TABLE {table} (b UInt8) ENGINE = MergeTree ORDER BY b");
        var cancellation = TestContext.Current.CancellationToken;
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", fixture.Engine.Endpoint.Port, cancellation);
        var data = new byte[10_000_000]; // rows of one byte, more than the connection buffers
        byte[] request =
        [
            .. Encoding.ASCII.GetBytes($"POST /?query=INSERT%20INTO%20{table}%20FORMAT%20RowBinary&{OneBlock} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{before}"),
            .. data,
        ];
        var stream = socket.GetStream();
        await stream.WriteAsync(request, cancellation);
        socket.Client.Shutdown(SocketShutdown.Send);
        Assert.DoesNotContain(" 200 ", await ReadToEndAsync(stream), StringComparison.Ordinal);
        while (await client.QueryAsync($"SELECT count() FROM system.processes WHERE query ILIKE 'INSERT INTO {table}%'") != "0") await Task.Yield();
        Assert.Equal("0", await client.QueryAsync($"SELECT count() FROM {table}"));
    }

    [Fact]
    public async Task Refused_row_inserts_nothing_and_says_why()
    {
        var table = await client.CreateTableAsync();
        using var response = await client.InsertAsync(
            $"INSERT INTO {table} FORMAT JSONEachRow", Encoding.UTF8.GetBytes("{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"nam\":\"b\"}\n"), settings: "&input_format_skip_unknown_fields=0");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("117", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.Equal("", await client.RowsAsync(table));
    }

    [Fact]
    public async Task Values_select_and_input_inserts_work()
    {
        var table = await client.CreateTableAsync();
        await client.QueryAsync($"INSERT INTO {table} VALUES (1, 'one'), (1 + 1, lower('TWO'))");
        await client.QueryAsync($"INSERT INTO {table} VALUES ({{id:Int32}}, {{name:String}})", "param_id=3&param_name=three");
        await client.QueryAsync($"INSERT INTO {table} (id, name) SELECT 4, 'four'");
        await client.QueryAsync($"INSERT INTO {table} SELECT id + 1, n FROM input('id Int32, n String') FORMAT CSV\n4,\"five\"\n");
        Assert.Equal(TwoRows + "\n3\tthree\n4\tfour\n5\tfive", await client.RowsAsync(table));
    }

    [Fact]
    public async Task Words_in_names_comments_and_text_do_not_end_the_statement()
    {
        var table = await client.CreateTableAsync();
        await client.QueryAsync($"/* FORMAT CSV */ INSERT INTO default.`{table}` -- VALUES\n (id, \"name\") FORMAT JSONEachRow\n{{\"id\":1,\"name\":\"FORMAT x VALUES\"}}");
        Assert.Equal("1\tFORMAT x VALUES", await client.RowsAsync(table));
    }

    [Fact]
    public async Task Large_insert_is_streamed()
    {
        var table = await client.CreateTableAsync();
        var rows = Enumerable.Range(0, 200_000).Select(i => (i, new string('x', 100))).ToArray();
        using var response = await client.InsertAsync($"INSERT INTO {table} FORMAT Native", Rows.Native(rows));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("200000\t20000000", await client.QueryAsync($"SELECT count(), sum(length(name)) FROM {table}"));
    }

    [Fact]
    public async Task Inserts_run_in_parallel()
    {
        var table = await client.CreateTableAsync();
        var inserts = Enumerable.Range(0, 16).Select(i => client.InsertAsync($"INSERT INTO {table} FORMAT Native", Rows.Native((i, "x")))).ToList();
        foreach (var response in await Task.WhenAll(inserts)) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("16", await client.QueryAsync($"SELECT count() FROM {table}"));
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            return await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "reset";
        }
    }

    private static byte[] Compress(byte[] data, string encoding)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(compressed, CompressionLevel.Fastest),
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest),
            "zstd" => new ZstdSharp.CompressionStream(compressed),
            _ => LZ4Stream.Encode(compressed, leaveOpen: true),
        })
        {
            stream.Write(data);
        }

        return compressed.ToArray();
    }
}
