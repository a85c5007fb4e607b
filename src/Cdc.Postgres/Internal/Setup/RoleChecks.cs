using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>What the connection's role may do.</summary>
internal static class RoleChecks
{
    // Managed servers give the right to replicate through a role of their own.
    private const string Query =
        """
        SELECT r.rolname, r.rolsuper,
               r.rolsuper OR r.rolreplication OR EXISTS (SELECT 1 FROM pg_roles m WHERE m.rolname IN ('rds_replication', 'rds_superuser') AND pg_has_role(r.rolname, m.oid, 'MEMBER')),
               has_database_privilege(current_database(), 'CREATE')
        FROM pg_roles r
        WHERE r.rolname = current_user
        """;

    public static async Task<Role> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new Role(row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3));
    }

    public static void Run(Role role, List<PostgresFinding> findings)
    {
        if (role.MayReplicate) return;
        findings.Add(new(PostgresFindingSeverity.Fatal, $"role {role.Name}", "it may not replicate", $"ALTER ROLE {SqlName.Quote(role.Name)} REPLICATION;"));
    }
}

/// <summary>The connection's role.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSuper">Whether it may do everything.</param>
/// <param name="MayReplicate">Whether it may use slots.</param>
/// <param name="MayCreate">Whether it may create in the database.</param>
internal sealed record Role(string Name, bool IsSuper, bool MayReplicate, bool MayCreate);
