using Cdc.Postgres.Internal.Setup;
using Npgsql;

namespace Cdc.Postgres;

/// <summary>What a <see cref="PostgresChangeSource"/> reads and how. Read once when the source is made.</summary>
public sealed class PostgresOptions
{
    /// <summary>Where the database is, in Npgsql's words. Its role needs REPLICATION and SELECT on the tables.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The replication slot: it belongs to this pipeline alone. 1 to 63 of the letters a to z, digits and _.</summary>
    public string Slot { get; set; } = "";

    /// <summary>The publication: its tables are read.</summary>
    public string Publication { get; set; } = "";

    /// <summary>Tables that must be in the publication, as <c>schema.table</c>; the first dot divides them. None for whatever the publication has.</summary>
    public IList<string> Tables { get; } = [];

    /// <summary>Whether a missing publication is created, for <see cref="Tables"/> or for all tables. The default is no.</summary>
    public bool CreatePublication { get; set; }

    /// <summary>Whether a created publication sends changes of partitions as changes of their root. The default is no.</summary>
    public bool PublishViaPartitionRoot { get; set; }

    /// <summary>Whether a missing slot is created at the first start, from PostgreSQL 17 on as a failover slot. The default is no.</summary>
    public bool CreateSlot { get; set; }

    /// <summary>Whether the rows that are there are read before the changes. The default is yes.</summary>
    public bool Snapshot { get; set; } = true;

    /// <summary>
    /// The least epoch of the versions. The default is 0. Tables that another source filled in a later epoch (<c>max(bitShiftRight(_version, 120))</c>) need it, else every change here loses to theirs.
    /// </summary>
    public byte LeastEpoch { get; set; }

    /// <summary>Connections that read snapshots at once. The default is 2.</summary>
    public int SnapshotConnections { get; set; } = 2;

    /// <summary>Bytes of changes received and not done with, above which nothing more is received until some are. One message may be larger. The default is 64 MiB.</summary>
    public long MaxBufferedBytes { get; set; } = 64 << 20;

    /// <summary>How often the server is told what is durable. It must be well below the server's <c>wal_sender_timeout</c>. The default is 10 seconds.</summary>
    public TimeSpan FeedbackInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait between two tries of connecting again. The default is 30 seconds.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(30);

    private const int ReadBufferSize = 128 * 1024;

    internal IEnumerable<string> Problems()
    {
        foreach (var problem in ConnectionProblems()) yield return problem;
        if (!ServerSlot.IsName(Slot)) yield return $"{nameof(Slot)} must be 1 to 63 of the letters a to z, digits and _";
        if (string.IsNullOrWhiteSpace(Publication)) yield return $"{nameof(Publication)} is empty";
        foreach (var table in Tables.Where(t => Parse(t) is null)) yield return $"'{table}' in {nameof(Tables)} is not schema.table";
        if (SnapshotConnections is < 1 or > 64) yield return $"{nameof(SnapshotConnections)} is {SnapshotConnections}; it must be 1 to 64";
        if (MaxBufferedBytes < 1 << 20) yield return $"{nameof(MaxBufferedBytes)} is {MaxBufferedBytes}; it must be at least 1048576";
        if (FeedbackInterval <= TimeSpan.Zero || FeedbackInterval > TimeSpan.FromMinutes(5)) yield return $"{nameof(FeedbackInterval)} is {FeedbackInterval}; it must be positive and at most 5 minutes";
        if (MaxReconnectDelay <= TimeSpan.Zero) yield return $"{nameof(MaxReconnectDelay)} is {MaxReconnectDelay}; it must be positive";
    }

    internal SetupRequest ToRequest() => new(Slot, Publication)
    {
        Tables = [.. Tables.Select(t => Parse(t)!.Value)],
        CreatePublication = CreatePublication,
        CreateSlot = CreateSlot,
        ViaRoot = PublishViaPartitionRoot,
        Snapshots = Snapshot,
    };

    /// <summary>The connection string with the settings that make the server's text the same everywhere.</summary>
    internal string ToConnectionString()
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString) { Timezone = "UTC", CommandTimeout = 0, TcpKeepAlive = true };
        builder.ReadBufferSize = Math.Max(builder.ReadBufferSize, ReadBufferSize);
        builder.Options = $"{builder.Options} -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex -c lc_monetary=C".Trim();
        builder.ApplicationName ??= $"cdc {Slot}";
        return builder.ConnectionString;
    }

    private static TableId? Parse(string table)
    {
        var dot = table?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        return dot > 0 && dot < table!.Length - 1 ? new TableId("", table[..dot], table[(dot + 1)..]) : null;
    }

    private IEnumerable<string> ConnectionProblems()
    {
        if (string.IsNullOrWhiteSpace(ConnectionString)) return [$"{nameof(ConnectionString)} is empty"];
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(ConnectionString);
            return string.IsNullOrEmpty(builder.Database) ? [$"{nameof(ConnectionString)} names no Database"] : [];
        }
        catch (ArgumentException)
        {
            // Its message may quote a part of the string.
            return [$"{nameof(ConnectionString)} is not one of Npgsql's"];
        }
    }
}
