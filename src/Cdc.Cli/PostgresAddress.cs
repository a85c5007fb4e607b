using System.Data.Common;

namespace Cdc.Cli;

/// <summary>Where a PostgreSQL database is: a connection string, or an address as libpq has them.</summary>
internal static class PostgresAddress
{
    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["sslmode"] = "SSL Mode", ["sslrootcert"] = "Root Certificate", ["sslcert"] = "SSL Certificate", ["sslkey"] = "SSL Key", ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name", ["target_session_attrs"] = "Target Session Attributes", ["passfile"] = "Passfile", ["options"] = "Options",
        ["host"] = "Host", ["port"] = "Port", ["user"] = "Username", ["password"] = "Password", ["dbname"] = "Database",
    };

    /// <summary>The connection string of either form.</summary>
    /// <exception cref="ArgumentException">It is neither; the message holds no part of it.</exception>
    public static string ToConnectionString(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return address;
        if (address[..scheme] is not ("postgres" or "postgresql")) throw new ArgumentException("the address must begin with postgres:// or be a connection string such as Host=localhost;Database=shop");
        try
        {
            return FromAddress(address[(scheme + 3)..]);
        }
        catch (Exception failure) when (failure is UriFormatException or FormatException)
        {
            throw new ArgumentException("the address is not one such as postgres://user@host:5432/database?sslmode=require");
        }
    }

    public static bool HasPassword(string connectionString)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = connectionString };
            return builder.ContainsKey("Password") || builder.ContainsKey("PWD") || builder.ContainsKey("PSW");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string FromAddress(string text)
    {
        var builder = new DbConnectionStringBuilder();
        void Set(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value)) builder[key] = Uri.UnescapeDataString(value);
        }

        if (text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query)
        {
            foreach (var pair in text[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = pair.Split('=', 2);
                if (parts.Length != 2 || !Parameters.TryGetValue(parts[0], out var keyword)) throw new ArgumentException($"the address has a parameter that is not one of {string.Join(", ", Parameters.Keys)}");

                // Npgsql's words have no hyphens: verify-full, read-write.
                Set(keyword, keyword == "SSL Mode" ? parts[1].Replace("-", "", StringComparison.Ordinal) : parts[1]);
            }

            text = text[..query];
        }

        var path = text.IndexOf('/', StringComparison.Ordinal);
        var (authority, database) = path < 0 ? (text, "") : (text[..path], text[(path + 1)..]);
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var user = authority[..at].Split(':', 2);
            Set("Username", user[0]);
            if (user.Length == 2) Set("Password", user[1]);
        }

        // Several hosts keep their ports; a single one, as most have it, gets its own keyword.
        var hosts = authority[(at + 1)..];
        var colon = hosts.Contains(',', StringComparison.Ordinal) || hosts.EndsWith(']') ? -1 : hosts.LastIndexOf(':');
        Set("Host", (colon < 0 ? hosts : hosts[..colon]).Trim('[', ']'));
        if (colon >= 0) Set("Port", hosts[(colon + 1)..]);
        if (!builder.ContainsKey("Host")) builder["Host"] = "localhost";
        Set("Database", database);
        if (!builder.ContainsKey("Database") && builder.TryGetValue("Username", out var name)) builder["Database"] = name;
        return builder.ConnectionString;
    }
}
