using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cdc.ClickHouse.Tests.Support;

/// <summary>TLS in front of the engine, with a certificate of the test's choice under a root of its own.</summary>
public sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly X509Certificate2 certificate;
    private readonly int upstream;
    private readonly Task accepting;

    public TlsFront(Uri upstream, string host = "localhost", DateTimeOffset? until = null)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=root of the test", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = rootRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(Root, DateTimeOffset.UtcNow.AddYears(-1), until ?? DateTimeOffset.UtcNow.AddYears(1), [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        certificate = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);

        this.upstream = upstream.Port;
        listener.Start();
        accepting = AcceptAsync();
    }

    public X509Certificate2 Root { get; }

    public Uri Endpoint => new($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/");

    /// <summary>The connections over which a byte of a request came.</summary>
    public int Opened { get; private set; }

    /// <summary>A handler that trusts this root beside nothing else.</summary>
    public SocketsHttpHandler Trusting() => new()
    {
        AllowAutoRedirect = false,
        SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { Root }, RevocationMode = X509RevocationMode.NoCheck } },
    };

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            await using var stream = new SslStream(client.GetStream());
            try
            {
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop.Token);
                var first = new byte[1];
                if (await stream.ReadAsync(first, stop.Token) == 0) throw new IOException("closed");
                Opened++;
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, upstream, stop.Token);
                var plain = server.GetStream();
                await plain.WriteAsync(first, stop.Token);
                await Task.WhenAny(stream.CopyToAsync(plain, stop.Token), plain.CopyToAsync(stream, stop.Token));
            }
            catch (Exception gone) when (gone is IOException or SocketException or AuthenticationException or OperationCanceledException)
            {
                // The writer hung up, which is what these tests want.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting; // first: a listener that is stopped refuses the next accept by another exception
        listener.Stop();
        certificate.Dispose();
        Root.Dispose();
        stop.Dispose();
    }
}
