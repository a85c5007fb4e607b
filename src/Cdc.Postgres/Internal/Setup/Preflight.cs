using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Looks at everything that a source needs, changes nothing, and names each thing that is missing with the SQL that mends it.</summary>
internal static class Preflight
{
    /// <returns>What was found, the worst first; empty when nothing is wrong.</returns>
    public static async Task<IReadOnlyList<PostgresFinding>> RunAsync(NpgsqlConnection connection, SetupRequest request, CancellationToken cancellationToken)
    {
        var publication = await Publication.FindAsync(connection, request.Publication, cancellationToken).ConfigureAwait(false);
        var (role, findings) = await StreamAsync(connection, request, publication, cancellationToken).ConfigureAwait(false);
        var tables = publication is null
            ? await PublicationChecks.WantedAsync(connection, request, cancellationToken).ConfigureAwait(false)
            : await Publication.TablesAsync(connection, request.Publication, cancellationToken).ConfigureAwait(false);
        await TableChecks.RunAsync(connection, request, tables, role, findings, cancellationToken).ConfigureAwait(false);
        return [.. findings.OrderByDescending(f => f.Severity)];
    }

    /// <summary>Looks at what a stream of changes needs, whatever its tables are like.</summary>
    public static async Task<(Role Role, List<PostgresFinding> Findings)> StreamAsync(NpgsqlConnection connection, SetupRequest request, Publication? publication, CancellationToken cancellationToken)
    {
        var findings = new List<PostgresFinding>();
        var slot = await ServerSlot.FindAsync(connection, request.Slot, cancellationToken).ConfigureAwait(false);
        var role = await RoleChecks.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        await ServerChecks.RunAsync(connection, slot, findings, cancellationToken).ConfigureAwait(false);
        RoleChecks.Run(role, findings);
        SlotChecks.Run(request, slot, connection, findings);
        await PublicationChecks.RunAsync(connection, request, publication, role, findings, cancellationToken).ConfigureAwait(false);
        return (role, findings);
    }

    /// <exception cref="PostgresSourceException">Something is missing; the message names everything that is.</exception>
    public static void ThrowIfFatal(IReadOnlyList<PostgresFinding> findings)
    {
        var fatal = findings.Where(f => f.Severity == PostgresFindingSeverity.Fatal).ToList();
        if (fatal.Count == 0) return;
        throw new PostgresSourceException($"The database cannot be read:{string.Concat(fatal.Select(f => $"{Environment.NewLine}  {f}"))}", findings: findings);
    }
}
