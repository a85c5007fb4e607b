using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres.Internal.Snapshot;

/// <summary>Opens the session of the first start: the snapshot that the slot exported or, once that has gone, one that sees everything below the slot's position.</summary>
internal sealed class FirstSnapshot(NpgsqlDataSource data, TableRunFactory factory, SnapshotStart start)
{
    private string? exported = start.Exported;

    /// <summary>Opens it. A second call no longer finds what was exported.</summary>
    public async Task<(SnapshotSession Session, IReadOnlyList<TableRun> Runs)> OpenAsync(
        IReadOnlyDictionary<string, SnapshotPlan> plans, Action<ulong> waitsFor, CancellationToken cancellationToken)
    {
        var published = await factory.PublishedAsync(cancellationToken).ConfigureAwait(false);
        var session = await OpenAsync([.. published.Select(p => p.Table)], waitsFor, cancellationToken).ConfigureAwait(false);
        return (session, await factory.PlanAsync(session, published, start.Position, plans, holds: false, cancellationToken).ConfigureAwait(false));
    }

    private async Task<SnapshotSession> OpenAsync(IReadOnlyList<TableDescription> described, Action<ulong> waitsFor, CancellationToken cancellationToken)
    {
        TransactionSnapshot floor;
        var name = exported;
        exported = null;
        if (name is null)
        {
            // What committed below the position has a smaller id than one that is drawn now.
            floor = TransactionSnapshot.Below(await SnapshotSession.DrawIdAsync(data, cancellationToken).ConfigureAwait(false));
        }
        else
        {
            var (session, isUsable) = await SnapshotSession.AdoptAsync(data, name, described, cancellationToken).ConfigureAwait(false);
            if (isUsable) return session;
            floor = session.Snapshot;
            await session.DisposeAsync().ConfigureAwait(false);
        }

        return await factory.OpenAsync(described, [floor], 0, waitsFor, cancellationToken).ConfigureAwait(false);
    }
}
