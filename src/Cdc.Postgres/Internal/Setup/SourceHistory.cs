using System.Globalization;
using System.Text.Json;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>
/// Which log the pipeline's positions belong to. It stands in the ledger beside the positions, so that a server that was replaced,
/// restored or promoted is told from the one that was read.
/// </summary>
/// <param name="System">The cluster's identifier.</param>
/// <param name="Timeline">The timeline that was read last.</param>
/// <param name="Database">The database's oid.</param>
internal sealed record SourceHistory(string System, uint Timeline, uint Database)
{
    private const string LedgerPrefix = "source:";

    public static SourceHistory Of(ServerIdentity server) => new(server.System, server.Timeline, server.Database);

    /// <summary>The entry that keeps it.</summary>
    public LedgerEntry Entry(string slot) =>
        new(new Checkpoint(LedgerPrefix + slot, 0, Timeline), System, string.Create(CultureInfo.InvariantCulture, $"{{\"system\":\"{System}\",\"timeline\":{Timeline},\"database\":{Database}}}"));

    /// <summary>What the ledger knows of a slot's log, or null.</summary>
    /// <exception cref="ChangeFormatException">The entry is not one of this version.</exception>
    public static SourceHistory? Find(IEnumerable<LedgerEntry> entries, string slot)
    {
        if (entries.FirstOrDefault(e => e.Partition.Topic == LedgerPrefix + slot)?.ReaderState is not { } state) return null;
        try
        {
            using var json = JsonDocument.Parse(state);
            var root = json.RootElement;
            return new SourceHistory(root.GetProperty("system").GetString()!, root.GetProperty("timeline").GetUInt32(), root.GetProperty("database").GetUInt32());
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new ChangeFormatException($"The ledger's entry {LedgerPrefix}{slot} is not one of this version.", failure);
        }
    }

    /// <summary>Compares what was read before with what the server is now.</summary>
    /// <param name="slotName">The slot.</param>
    /// <param name="now">The server.</param>
    /// <param name="slot">The slot as it is, or null when there is none.</param>
    /// <param name="applied">The position up to which the log is applied; 0 when nothing is.</param>
    /// <param name="timelines">The server's history.</param>
    /// <returns>Why the pipeline cannot go on, each with the way out; empty when it can.</returns>
    public IEnumerable<PostgresFinding> Compare(string slotName, ServerIdentity now, ServerSlot? slot, ulong applied, TimelineHistory timelines)
    {
        if (now.System != System)
        {
            yield return Stop(slotName, $"the server is another cluster (system identifier {now.System}, before {System}): its log begins anew and its changes would lose to what the target holds");
            yield break;
        }

        if (now.Database != Database)
        {
            yield return Stop(slotName, "the database was dropped and created again, or another database is connected: what the target holds is not this database's");
            yield break;
        }

        if (Broken(now, applied, timelines) is { } broken) yield return Stop(slotName, broken);
        if (slot is null)
        {
            yield return Stop(slotName, "the slot is gone and with it the changes since the last start (it was dropped, the server was restored, or a standby without the slot was promoted)"
                + " — on PostgreSQL 17 and later a failover slot with sync_replication_slots on the standby survives a promotion");
        }
        else if (slot.IsLost)
        {
            var reason = slot.InvalidationReason is { } why ? $" ({why})" : "";
            yield return Stop(slotName, $"the server has removed log that the slot still needed{reason}: changes are missing. Raise max_slot_wal_keep_size, or watch the retained log",
                $"SELECT pg_drop_replication_slot({SqlName.Text(slotName)}); ");
        }
    }

    private string? Broken(ServerIdentity now, ulong applied, TimelineHistory timelines)
    {
        if (now.Timeline == Timeline)
        {
            return now.Position >= applied ? null
                : $"the server's log ends at {new NpgsqlLogSequenceNumber(now.Position)}, before {new NpgsqlLogSequenceNumber(applied)} which is applied: it was restored from a copy of its files, or lost the end of its log";
        }

        if (timelines.EndOf(Timeline) is not { } end)
        {
            return $"the server's log (timeline {now.Timeline}) does not descend from the one that was read (timeline {Timeline}): it was restored to a point in the past, or another copy was promoted";
        }

        return end >= applied ? null
            : $"timeline {Timeline} was left at {new NpgsqlLogSequenceNumber(end)}, before {new NpgsqlLogSequenceNumber(applied)} which is applied: the promoted server lost the end of the log, and the target holds changes that the source does not have";
    }

    private static PostgresFinding Stop(string slot, string problem, string first = "") => new(
        PostgresFindingSeverity.Fatal, $"slot {slot}", problem,
        $"{first}empty the target's tables, remove the pipeline's entries from the ledger, and start again: every table is read anew. Where the target's rows must stay, give the source the next epoch instead of emptying them; rows deleted meanwhile then remain");
}
