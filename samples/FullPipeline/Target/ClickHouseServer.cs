namespace FullPipeline;

/// <summary>Where ClickHouse answers. CLICKHOUSE_URL may hold a user and a password; they travel in headers, never in an address.</summary>
internal sealed record ClickHouseServer(Uri Endpoint, string? User, string? Password)
{
    public static ClickHouseServer Of(Uri url)
    {
        if (url.UserInfo.Length == 0) return new ClickHouseServer(url, null, null);
        var parts = url.UserInfo.Split(':', 2);
        var bare = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        return new ClickHouseServer(bare, Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
