using Cdc.Postgres.Internal.Setup;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Stream;

/// <summary>Asks a server for a slot's changes as this package reads them.</summary>
internal static class PgOutputStream
{
    /// <summary>Starts it. Transactions come whole, when they are committed: protocol version 1.</summary>
    public static IAsyncEnumerable<XLogDataMessage> Start(LogicalReplicationConnection connection, string slot, string publication, ulong from, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string?> { ["proto_version"] = "1", ["publication_names"] = SqlName.Quote(publication) };
        if (connection.PostgreSqlVersion.Major >= 14) settings["messages"] = "true";
        return connection.StartLogicalReplication(new PgOutputReplicationSlot(slot), cancellationToken, new NpgsqlLogSequenceNumber(from), settings);
    }
}
