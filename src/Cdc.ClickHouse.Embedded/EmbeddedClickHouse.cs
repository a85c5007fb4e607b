using System.Runtime.InteropServices;
using Cdc.ClickHouse.Embedded.Internal;

namespace Cdc.ClickHouse.Embedded;

/// <summary>
/// The ClickHouse engine in a process of its own, behind ClickHouse's HTTP interface on the loopback address.
/// For development and tests only.
/// </summary>
/// <remarks>
/// When the environment variable <c>CLICKHOUSE_URL</c> is set nothing is started and <see cref="Endpoint"/> is that URL:
/// the same tests run against a real server. An engine ends with the process that started it, however that process ends.
/// </remarks>
public sealed class EmbeddedClickHouse : IAsyncDisposable
{
    private readonly EngineProcess? engine;

    private EmbeddedClickHouse(Uri endpoint, EngineProcess? engine)
    {
        Endpoint = endpoint;
        this.engine = engine;
    }

    /// <summary>Where clients connect to. Any user name and password is accepted by an engine of ours.</summary>
    public Uri Endpoint { get; }

    /// <summary>The process of the engine, or null when <see cref="Endpoint"/> is a server named by <c>CLICKHOUSE_URL</c>.</summary>
    public int? ProcessId => engine?.Id;

    /// <summary>Where the engine keeps its data, or null when <see cref="Endpoint"/> is a server named by <c>CLICKHOUSE_URL</c>.</summary>
    public string? DataFolder => engine?.DataFolder;

    internal int? ExitCode => engine?.ExitCode;

    /// <summary>Whether an engine can be started on this machine: linux-x64 with glibc.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    /// <summary>Starts an engine and completes when it accepts requests. The first use on a machine fetches it with npm.</summary>
    /// <param name="options">How to start it; null means the defaults.</param>
    /// <param name="cancellationToken">Abandons the start and ends the process.</param>
    /// <exception cref="ArgumentException">An option cannot be right; the message names all of them.</exception>
    /// <exception cref="EmbeddedClickHouseException">The engine could not be fetched, or did not start.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no engine for this platform and <c>CLICKHOUSE_URL</c> is not set.</exception>
    public static async Task<EmbeddedClickHouse> StartAsync(
        EmbeddedClickHouseOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedClickHouseOptions();
        options.Check();
        if (!options.IgnoreClickHouseUrl && Environment.GetEnvironmentVariable("CLICKHOUSE_URL") is { Length: > 0 } url)
        {
            return new EmbeddedClickHouse(Server(url), engine: null);
        }

        CheckPlatform();
        var library = await EngineLibrary.LocateAsync(options, cancellationToken).ConfigureAwait(false);
        var engine = await EngineProcess.StartAsync(library, options, cancellationToken).ConfigureAwait(false);
        return new EmbeddedClickHouse(engine.Endpoint, engine);
    }

    /// <summary>
    /// Fetches the engine's native library if this machine does not have it yet, and completes with its path.
    /// <see cref="StartAsync"/> does so itself.
    /// </summary>
    /// <param name="options">Where to keep it; null means the defaults.</param>
    /// <param name="cancellationToken">Abandons the fetch; what was fetched so far is removed.</param>
    /// <exception cref="EmbeddedClickHouseException">npm is missing or failed, or what it delivered is not the pinned version.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no engine for this platform.</exception>
    public static Task<string> FetchAsync(EmbeddedClickHouseOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedClickHouseOptions();
        options.Check();
        CheckPlatform();
        return EngineLibrary.LocateAsync(options, cancellationToken);
    }

    /// <summary>Kills the engine (SIGKILL), as a crash would. Start another on the same <see cref="DataFolder"/> to see what survived.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Endpoint"/> is a server named by <c>CLICKHOUSE_URL</c>.</exception>
    public Task KillAsync() => Engine().KillAsync();

    /// <summary>Completes when the engine's process ends, for whatever reason.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="InvalidOperationException"><see cref="Endpoint"/> is a server named by <c>CLICKHOUSE_URL</c>.</exception>
    public Task WaitForExitAsync(CancellationToken cancellationToken = default) => Engine().WaitForExitAsync(cancellationToken);

    /// <summary>Closes the engine and removes a temporary data folder.</summary>
    public ValueTask DisposeAsync() => engine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private EngineProcess Engine() =>
        engine ?? throw new InvalidOperationException("CLICKHOUSE_URL names the server in use; it has no process of ours.");

    private static void CheckPlatform()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(
                "The embedded ClickHouse engine exists for linux-x64 with glibc only. Set CLICKHOUSE_URL to a ClickHouse server to use that instead.");
        }
    }

    private static Uri Server(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new EmbeddedClickHouseException("CLICKHOUSE_URL is not an absolute http or https URL.");
}
