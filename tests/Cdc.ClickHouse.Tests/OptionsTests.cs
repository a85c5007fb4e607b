namespace Cdc.ClickHouse.Tests;

public class OptionsTests
{
    private static string Refuse(Action<ClickHouseOptions> set)
    {
        var options = new ClickHouseOptions { Endpoint = new Uri("https://db.example:8443") };
        set(options);
        return Assert.Throws<ArgumentException>(() => new ClickHouseWriter(options)).Message;
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var message = Refuse(o =>
        {
            o.Endpoint = null;
            o.MaxBlockRows = 0;
            o.Retry.MinDelay = TimeSpan.Zero;
            o.VersionColumn = o.DeletedColumn;
            o.Tables["s.t"] = new ClickHouseTableOptions { Key = { "*", "a" }, Columns = { ["c"] = new ClickHouseColumnOptions { Type = "Nope(" } } };
        });
        Assert.All(["Endpoint", "MaxBlockRows", "MinDelay", "five different names", "Tables[\"s.t\"].Key", "Columns[\"c\"].Type"], p => Assert.Contains(p, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Plain_http_is_for_the_loopback_address_or_said_so()
    {
        Assert.Contains("plain HTTP", Refuse(o => o.Endpoint = new Uri("http://db.example:8123")), StringComparison.Ordinal);
        _ = new ClickHouseWriter(new ClickHouseOptions { Endpoint = new Uri("http://127.0.0.1:8123") });
        _ = new ClickHouseWriter(new ClickHouseOptions { Endpoint = new Uri("http://db.example:8123"), AllowPlainHttp = true });
    }

    [Fact]
    public void Credentials_in_the_address_are_refused_and_not_repeated()
    {
        var message = Refuse(o => o.Endpoint = new Uri("https://me:canary@db.example:8443"));
        Assert.Contains("holds credentials", message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_follows_redirects_is_refused() =>
        Assert.Contains("redirects", Refuse(o => o.HttpMessageHandler = new SocketsHttpHandler()), StringComparison.Ordinal);

    [Fact]
    public void Only_one_way_to_be_known_may_be_set() => Assert.Contains("only one of", Refuse(o =>
    {
        o.User = "me";
        o.BearerToken = "t";
    }), StringComparison.Ordinal);
}
