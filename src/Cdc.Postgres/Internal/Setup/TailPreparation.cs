using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Finds or creates the publication that is shown, and looks whether the rest is there.</summary>
internal sealed class TailPreparation(NpgsqlDataSource data, SetupRequest request, bool isPublicationNamed)
{
    /// <summary>The publication, once it is known.</summary>
    public string Publication { get; private set; } = request.Publication;

    /// <summary>Whether this made it.</summary>
    public bool HasCreated { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await data.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (!isPublicationNamed) Publication = await OnlyOneAsync(connection, cancellationToken).ConfigureAwait(false);
        var wanted = request with { Publication = Publication, IsForTarget = false };
        var publication = await Setup.Publication.FindAsync(connection, Publication, cancellationToken).ConfigureAwait(false);
        if (publication is null && request.CreatePublication) wanted = wanted with { Tables = await KeyedAsync(connection, cancellationToken).ConfigureAwait(false) };
        Preflight.ThrowIfFatal((await Preflight.StreamAsync(connection, wanted, publication, cancellationToken).ConfigureAwait(false)).Findings);
        if (publication is not null) return;
        await Setup.Publication.CreateAsync(connection, Publication, [.. wanted.Tables], viaRoot: false, cancellationToken).ConfigureAwait(false);
        HasCreated = true;
    }

    /// <summary>Drops what this made.</summary>
    public async Task UndoAsync()
    {
        if (!HasCreated) return;
        await using var command = data.CreateCommand($"DROP PUBLICATION IF EXISTS {SqlName.Quote(Publication)}");
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        HasCreated = false;
    }

    private static async Task<string> OnlyOneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pubname FROM pg_publication ORDER BY pubname", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var names = new List<string>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false)) names.Add(row.GetString(0));
        return names.Count == 1 ? names[0] : throw new PostgresSourceException(names.Count == 0
            ? $"The database {connection.Database} has no publication, and the log is read through one: CREATE PUBLICATION name FOR TABLE …;"
            : $"The database {connection.Database} has several publications; name one of {string.Join(", ", names)}.");
    }

    private async Task<IReadOnlyList<TableId>> KeyedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = (await PublicationChecks.WantedAsync(connection, request, cancellationToken).ConfigureAwait(false)).Select(t => t.Table).ToList();
        var keyless = tables.Where(t => t.Identity == 'n' || (t.Identity == 'd' && t.Key.IsEmpty)).ToList();
        if (request.Tables.Count > 0 && keyless.Count > 0)
        {
            throw new PostgresSourceException($"{string.Join(", ", keyless.Select(t => $"{t.Schema}.{t.Name}"))} has no replica identity: the server would refuse its updates and deletes while it is published. ALTER TABLE {keyless[0].Sql} REPLICA IDENTITY FULL;");
        }

        if (request.Tables.Count > 0) return request.Tables;
        var keyed = tables.Except(keyless).Where(t => t.Persistence == 'p').Select(t => new TableId("", t.Schema, t.Name)).ToList();
        return keyed.Count > 0 ? keyed : throw new PostgresSourceException($"The database {connection.Database} has no table with a key to publish.");
    }
}
