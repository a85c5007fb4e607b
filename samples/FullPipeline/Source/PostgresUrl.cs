using Npgsql;

namespace FullPipeline;

/// <summary>Reads postgres://user:password@host:port/database, PostgreSQL's own form of an address.</summary>
internal static class PostgresUrl
{
    /// <exception cref="SampleException">It is none. The message does not repeat it, for it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql") || url.Host.Length == 0 || url.UserInfo.Length == 0)
        {
            throw new SampleException("POSTGRES_URL is not of the form postgres://user:password@host:5432/database.");
        }

        var user = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host.Trim('[', ']'),
            Port = url.Port > 0 ? url.Port : 5432,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Database = url.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : "postgres",
        };
    }
}
