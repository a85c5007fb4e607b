using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Cdc.Hosting.Tests;

/// <summary>A port through which the engine is reached, and which can be closed: connections are then refused.</summary>
internal sealed class Gateway(Uri target) : IDisposable
{
    private readonly ConcurrentBag<TcpClient> clients = [];
    private TcpListener? listener;
    private int port;

    public Uri Endpoint => new($"http://127.0.0.1:{port}");

    public Gateway Open()
    {
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
        return this;
    }

    public void Close()
    {
        listener?.Dispose();
        listener = null;
        while (clients.TryTake(out var client)) client.Dispose();
    }

    public void Dispose() => Close();

    private async Task AcceptAsync(TcpListener open)
    {
        try
        {
            while (true)
            {
                var near = await open.AcceptTcpClientAsync();
                var far = new TcpClient();
                clients.Add(near);
                clients.Add(far);
                await far.ConnectAsync(target.Host, target.Port);
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Close ends it.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Either end went.
        }

        to.Dispose();
    }
}
