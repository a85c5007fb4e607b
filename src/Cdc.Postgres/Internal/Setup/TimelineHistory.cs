using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql.Replication;
using NpgsqlTypes;

namespace Cdc.Postgres.Internal.Setup;

/// <summary>Where each earlier line of the log was left for the present one.</summary>
internal sealed class TimelineHistory
{
    private readonly Dictionary<uint, ulong> ends = [];

    /// <summary>Reads the server's own history of a timeline. The first has none.</summary>
    public static async Task<TimelineHistory> ReadAsync(string connectionString, uint timeline, CancellationToken cancellationToken)
    {
        if (timeline == 1) return Parse("");
        var connection = new LogicalReplicationConnection(connectionString);
        await using var _ = connection.ConfigureAwait(false);
        await connection.Open(cancellationToken).ConfigureAwait(false);
        var row = await ReadSingleRow(connection, string.Create(CultureInfo.InvariantCulture, $"TIMELINE_HISTORY {timeline}"), cancellationToken).ConfigureAwait(false);
        return Parse(row[1] as string ?? Encoding.UTF8.GetString((byte[])row[1]));
    }

    // Npgsql's TimelineHistory casts the content to bytes, which it was until PostgreSQL 14; since 15 it is text, and the cast fails.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ReadSingleRow")]
    private static extern Task<object[]> ReadSingleRow(ReplicationConnection connection, string command, CancellationToken cancellationToken);

    /// <summary>Reads a history file: a timeline, the position where it was left and the reason on each line.</summary>
    public static TimelineHistory Parse(string file)
    {
        var history = new TimelineHistory();
        foreach (var line in file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (line[0] == '#' || parts.Length < 2) continue;
            history.ends[uint.Parse(parts[0], CultureInfo.InvariantCulture)] = (ulong)NpgsqlLogSequenceNumber.Parse(parts[1]);
        }

        return history;
    }

    /// <summary>Where a timeline was left; null when the present one does not descend from it.</summary>
    public ulong? EndOf(uint timeline) => ends.TryGetValue(timeline, out var end) ? end : null;
}
