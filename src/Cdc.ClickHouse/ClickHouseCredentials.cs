namespace Cdc.ClickHouse;

/// <summary>Who the writer is to the server. Sent in headers only, never in a URL, a log or an exception.</summary>
public sealed class ClickHouseCredentials
{
    private ClickHouseCredentials(string? user, string? password, string? bearerToken)
    {
        User = user;
        Password = password;
        BearerToken = bearerToken;
    }

    internal string? User { get; }

    internal string? Password { get; }

    internal string? BearerToken { get; }

    /// <summary>A user and a password.</summary>
    /// <param name="user">The user.</param>
    /// <param name="password">The password; empty for none.</param>
    public static ClickHouseCredentials Basic(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        return new ClickHouseCredentials(user, password, null);
    }

    /// <summary>A token, for ClickHouse Cloud or a proxy.</summary>
    /// <param name="token">The token.</param>
    public static ClickHouseCredentials Bearer(string token)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        return new ClickHouseCredentials(null, null, token);
    }

    /// <summary>Says that there are credentials, not which.</summary>
    public override string ToString() => BearerToken is null ? "a user and a password" : "a bearer token";
}
