using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cdc.ClickHouse.Tests.Support;

/// <summary>What the proxy does to one request.</summary>
public abstract record Fault
{
    /// <summary>Passes the request on and its answer back.</summary>
    public sealed record None : Fault;

    /// <summary>Passes the first bytes of the request on, then resets both sides.</summary>
    public sealed record ResetRequest(int Bytes) : Fault;

    /// <summary>Passes the request on and the first bytes of the answer back, then closes.</summary>
    public sealed record CutAnswer(int Bytes) : Fault;

    /// <summary>Passes the request on and keeps the answer to itself, the connection open.</summary>
    public sealed record Hang : Fault;

    /// <summary>Passes the request on and the answer back, a byte in each pause.</summary>
    public sealed record Trickle(TimeSpan Pause) : Fault;

    /// <summary>Answers by itself, without the server.</summary>
    public sealed record Answer(string Text) : Fault;
}

/// <summary>Stands between a writer and the engine, byte by byte, one request a connection.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Uri upstream;
    private readonly Func<string, int, Fault> decide;
    private readonly Task accepting;
    private int inserts;

    /// <param name="upstream">The engine.</param>
    /// <param name="decide">What to do with an insert, by its head and its number from 0. Anything else passes.</param>
    public FaultProxy(Uri upstream, Func<string, int, Fault> decide)
    {
        this.upstream = upstream;
        this.decide = decide;
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

    /// <summary>Every request as it came, head and body.</summary>
    public ConcurrentQueue<(string Head, byte[] Body)> Requests { get; } = new();

    public List<(string Head, byte[] Body)> Inserts => [.. Requests.Where(r => IsInsert(r.Head))];

    public static bool IsInsert(string head) => head.Contains("query=INSERT", StringComparison.Ordinal);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var (head, body) = await ReadRequestAsync(stream);
                Requests.Enqueue((head, body));
                var fault = IsInsert(head) ? decide(head, Interlocked.Increment(ref inserts) - 1) : new Fault.None();
                byte[] request = [.. Encoding.Latin1.GetBytes(head), .. body];
                switch (fault)
                {
                    case Fault.Answer(var text):
                        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop.Token);
                        break;
                    case Fault.ResetRequest(var bytes):
                        await ForwardAsync(request[..Math.Min(bytes, request.Length)], read: false);
                        client.LingerState = new LingerOption(true, 0);
                        break;
                    case Fault.CutAnswer(var bytes):
                        var answer = await ForwardAsync(request, read: true);
                        await stream.WriteAsync(answer.AsMemory(0, Math.Min(bytes, answer.Length)), stop.Token);
                        break;
                    case Fault.Hang:
                        await ForwardAsync(request, read: true);
                        await Task.Delay(Timeout.Infinite, stop.Token);
                        break;
                    case Fault.Trickle(var pause):
                        foreach (var one in await ForwardAsync(request, read: true))
                        {
                            await stream.WriteAsync(new[] { one }, stop.Token);
                            await Task.Delay(pause, stop.Token);
                        }

                        break;
                    default:
                        await stream.WriteAsync(await ForwardAsync(request, read: true), stop.Token);
                        break;
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // The writer left; its next try comes on another connection.
            }
        }
    }

    private async Task<byte[]> ForwardAsync(byte[] request, bool read)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, upstream.Port, stop.Token);
        var stream = server.GetStream();
        await stream.WriteAsync(request, stop.Token);
        if (!read)
        {
            server.LingerState = new LingerOption(true, 0);
            return [];
        }

        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, stop.Token);
        return answer.ToArray();
    }

    /// <summary>Reads a request and asks both sides to close after it.</summary>
    private async Task<(string Head, byte[] Body)> ReadRequestAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0) throw new IOException("closed");
            head.Add(one[0]);
        }

        var text = Encoding.Latin1.GetString([.. head]);
        var length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?[15..];
        Assert.NotNull(length);
        var body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stop.Token);
        return (text.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal), body);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting; // first: a listener that is stopped refuses the next accept by another exception
        listener.Stop();
        stop.Dispose();
    }
}
