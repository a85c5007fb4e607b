using Npgsql;

namespace FullPipeline;

/// <summary>
/// A role that may read the four tables and their changes and nothing else, for a Debezium in another container. Its password is in the environment
/// of both: the connector's settings, which anybody may read over Connect's REST interface, only name the variable.
/// </summary>
internal sealed class ReplicationRole
{
    private readonly string name;
    private readonly string password;

    private ReplicationRole(string name, string password) => (this.name, this.password) = (name, password);

    /// <returns>Null when CDC_USER and CDC_PASSWORD are not set: then the database's owner is good enough.</returns>
    public static ReplicationRole? FromEnvironment() =>
        Environment.GetEnvironmentVariable("CDC_USER") is { Length: > 0 } name && Environment.GetEnvironmentVariable("CDC_PASSWORD") is { Length: > 0 } password ? new ReplicationRole(name, password) : null;

    /// <summary>Makes the role and the publication, or brings them up to date.</summary>
    public async Task EnsureAsync(NpgsqlDataSource data, string publication, CancellationToken cancellationToken)
    {
        // Names and passwords cannot be parameters of these statements; format() quotes them.
        await using var command = data.CreateCommand(
            """
            SELECT CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = $1) THEN format('ALTER ROLE %I WITH LOGIN REPLICATION PASSWORD %L', $1, $2) ELSE format('CREATE ROLE %I WITH LOGIN REPLICATION PASSWORD %L', $1, $2) END,
                   format('GRANT USAGE ON SCHEMA franco TO %I', $1), format('GRANT SELECT ON ALL TABLES IN SCHEMA franco TO %I', $1),
                   CASE WHEN EXISTS (SELECT FROM pg_publication WHERE pubname = $3) THEN 'SELECT 1' ELSE format('CREATE PUBLICATION %I FOR TABLE franco.sales_territory, franco.employee, franco.customer, franco.sales', $3) END
            """);
        foreach (var value in (string[])[name, password, publication]) command.Parameters.Add(new NpgsqlParameter { Value = value });
        var statements = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            for (var i = 0; i < reader.FieldCount; i++) statements.Add(reader.GetString(i));
        }

        foreach (var statement in statements)
        {
            await using var one = data.CreateCommand(statement);
            await one.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Lets the connector be this role.</summary>
    public void Use(Dictionary<string, string> settings)
    {
        settings["database.user"] = name;
        settings["database.password"] = Environment.GetEnvironmentVariable("CDC_PASSWORD_IN_CONNECT") is { Length: > 0 } reference ? reference : password;
        settings["publication.autocreate.mode"] = "disabled";
    }
}
