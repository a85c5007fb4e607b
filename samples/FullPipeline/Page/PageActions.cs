using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace FullPipeline;

/// <summary>The page's buttons. Only a form that this process served can press them.</summary>
internal sealed class PageActions
{
    private NpgsqlDataSource? source;
    private ClickHouseEngine? clickHouse;

    /// <summary>Stands in each form; no other site can read it.</summary>
    public string Token { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public void Use(NpgsqlDataSource postgres, ClickHouseEngine engine) => (source, clickHouse) = (postgres, engine);

    public bool IsOurs(string? token) => token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Token));

    /// <returns>Whether there is such an action, now.</returns>
    public async Task<bool> RunAsync(string name, CancellationToken cancellationToken)
    {
        if (source is null || clickHouse is null) return false;
        switch (name)
        {
            case "burst" or "poison":
                await SalesControl.AskAsync(source, name, cancellationToken);
                return true;
            case "stop-clickhouse" when clickHouse.IsOwn:
                await clickHouse.StopAsync();
                return true;
            case "start-clickhouse" when clickHouse.IsOwn:
                await clickHouse.RestartAsync(cancellationToken);
                return true;
            default:
                return false;
        }
    }
}
