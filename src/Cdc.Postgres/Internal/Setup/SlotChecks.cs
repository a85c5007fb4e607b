using System.Globalization;
using Npgsql;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Whether the slot can be used.</summary>
internal static class SlotChecks
{
    public static void Run(SetupRequest request, ServerSlot? slot, NpgsqlConnection connection, List<PostgresFinding> findings)
    {
        var subject = $"slot {request.Slot}";
        var again = $"SELECT pg_drop_replication_slot({SqlName.Text(request.Slot)}); SELECT pg_create_logical_replication_slot({SqlName.Text(request.Slot)}, 'pgoutput');";
        void Fatal(string problem, string fix) => findings.Add(new(PostgresFindingSeverity.Fatal, subject, problem, fix));

        if (!ServerSlot.IsName(request.Slot))
        {
            Fatal("this is no slot's name", "use 1 to 63 of the letters a to z, digits and _");
            return;
        }

        if (slot is null)
        {
            if (!request.CreateSlot) Fatal("there is none, and the options forbid creating it", $"SELECT pg_create_logical_replication_slot({SqlName.Text(request.Slot)}, 'pgoutput'); -- after the publication");
            return;
        }

        if (slot.Plugin != "pgoutput") Fatal($"its plugin is {slot.Plugin ?? "none (a physical slot)"}; pgoutput is needed", again);
        if (slot.Database is not null && slot.Database != connection.Database) Fatal($"it belongs to the database {slot.Database}", "use another slot's name, or connect to that database");
        if (slot.IsTemporary) Fatal("it is temporary: it goes with the session that made it", again);
        if (slot.IsTwoPhase) Fatal("it is two-phase: prepared transactions come before they commit", again);
        if (slot.IsLost) Fatal($"it is lost{(slot.InvalidationReason is { } why ? $" ({why})" : "")}: the server has removed log that it needed", again + " -- every table must then be read anew");
        else if (slot.WalStatus is "unreserved" or "extended")
        {
            var left = slot.SafeBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"; {bytes / (1024 * 1024)} MB more and it is lost") : "";
            findings.Add(new(
                slot.WalStatus == "unreserved" ? PostgresFindingSeverity.Warning : PostgresFindingSeverity.Note, subject,
                string.Create(CultureInfo.InvariantCulture, $"the server keeps {slot.RetainedBytes / (1024 * 1024)} MB of log for it{left}"), "let the pipeline catch up, or raise max_slot_wal_keep_size"));
        }

        if (connection.PostgreSqlVersion.Major >= 17 && !slot.IsLost) findings.Add(Failover(subject, slot));
    }

    private static PostgresFinding Failover(string subject, ServerSlot slot) => slot.IsFailover
        ? new(PostgresFindingSeverity.Note, subject, "it is a failover slot: a standby with sync_replication_slots has it too, and once promoted goes on with it")
        : new(
            PostgresFindingSeverity.Note, subject, "it is no failover slot: a standby that is promoted does not have it, and every table is read anew then",
            $"ALTER_REPLICATION_SLOT {slot.Name} (FAILOVER true); -- on a replication connection (psql \"dbname=… replication=database\") while nobody reads from it; and sync_replication_slots = on at the standby");
}
