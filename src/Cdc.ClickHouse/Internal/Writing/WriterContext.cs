using Cdc.ClickHouse.Internal.Http;
using Cdc.ClickHouse.Internal.Plan;

namespace Cdc.ClickHouse.Internal.Writing;

/// <summary>What all tables of one writer share.</summary>
internal sealed class WriterContext(ClickHouseOptions options, ServerConnection server, TimeProvider time, Action<ClickHouseTableStatus> changed) : IDisposable
{
    private readonly CancellationTokenSource lifetime = new();
    private long buffered;
    private ServerVersion? version;

    public ClickHouseOptions Options => options;

    public ServerConnection Server => server;

    public TimeProvider Time => time;

    public Action<ClickHouseTableStatus> Changed => changed;

    public StreamNames Streams { get; } = new();

    /// <summary>Cancelled when the writer is disposed.</summary>
    public CancellationToken Lifetime => lifetime.Token;

    public bool IsOverBudget => Interlocked.Read(ref buffered) >= options.MaxBufferedBytes;

    public void Buffered(long bytes) => Interlocked.Add(ref buffered, bytes);

    public async ValueTask<ServerVersion> VersionAsync(CancellationToken cancellationToken)
    {
        if (version is { } known) return known;
        var rows = QueryText.Rows(await server.QueryAsync("SELECT version() FORMAT JSONCompactStringsEachRow", null, "", cancellationToken).ConfigureAwait(false));
        version = ServerVersion.Parse(rows[0][0]);
        return version.Value;
    }

    public async Task CancelAsync() => await lifetime.CancelAsync().ConfigureAwait(false);

    public void Dispose()
    {
        lifetime.Dispose();
        server.Dispose();
    }
}
