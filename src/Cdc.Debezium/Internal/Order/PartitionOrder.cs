using System.Security.Cryptography;
using Cdc.Debezium.Internal.Json;

namespace Cdc.Debezium.Internal.Order;

/// <summary>
/// The order inside one partition: epochs, and the versions of deletes known only by their tombstone. Both are functions of the lower offsets alone:
/// what was decided for an offset is decided so again when the message is delivered again.
/// </summary>
internal sealed partial class PartitionOrder(byte? fixedEpoch)
{
    private readonly List<(long From, byte Epoch)> switches = [];
    private readonly List<(long Offset, RowVersion Version)> tombstones = [];
    private byte[] deletedKey = [];
    private int deletedKeyLength = -1;
    private long frontier;
    private long forgotten;
    private byte epoch = fixedEpoch ?? 0;
    private bool hasCommit;
    private ulong greatestCommit;
    private long greatestTime = long.MinValue;
    private bool hasGreatest;
    private RowVersion greatest;
    private byte[]? deletedKeyHash;
    private bool isUntouched = true;

    /// <summary>The version of a change by the source's log.</summary>
    public RowVersion ByLog(long offset, TableId table, ulong? commit, ulong position, int rank, long time)
    {
        if (offset < frontier) return new RowVersion(EpochAt(offset), commit ?? 0, position, rank);
        var isStreamed = rank == RowVersion.ChangeRank;
        if (fixedEpoch is null)
        {
            if (commit is null && hasCommit) BeginEpoch(offset, table);
            else if (isStreamed && hasCommit && commit < greatestCommit && time > greatestTime) throw WentBackwards(table);
        }

        var version = new RowVersion(epoch, commit ?? 0, position, rank);
        if (commit is not null) hasCommit = true;
        if (isStreamed)
        {
            greatestCommit = Math.Max(greatestCommit, commit ?? 0);
            greatestTime = Math.Max(greatestTime, time);
        }

        if (!hasGreatest || version > greatest) greatest = version;
        hasGreatest = true;
        return version;
    }

    /// <summary>The version of a change by its arrival.</summary>
    public RowVersion ByOffset(long offset, int rank) => new(fixedEpoch ?? 0, 0, (ulong)offset, rank);

    /// <summary>Decides what a null value is.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="key">Its key.</param>
    /// <param name="layout">The layout of its table's versions.</param>
    /// <param name="mayFollow">Whether the partition's first message may be a tombstone that followed its delete.</param>
    /// <returns>The version of the delete that it is, or null when it follows its own delete.</returns>
    public RowVersion? Tombstone(long offset, ReadOnlySpan<byte> key, VersionLayout layout, bool mayFollow)
    {
        if (offset < forgotten) throw new MessageProblem("a null value was delivered again from before a position that was said to be committed: start with a new reader");
        if (offset < frontier)
        {
            var index = tombstones.BinarySearch((offset, default), OffsetComparer.Instance);
            return index < 0 ? null : tombstones[index].Version is { Value: var value } known && value != 0 ? known : throw HasNoOrder();
        }

        if (FollowsItsDelete(key)) return null;
        if (layout == VersionLayout.Log && !hasGreatest && offset > 0)
        {
            if (mayFollow && isUntouched) return null;
            tombstones.Add((offset, default));
            throw HasNoOrder();
        }

        var version = layout != VersionLayout.Log ? ByOffset(offset, RowVersion.ChangeRank)
            : new RowVersion(epoch, hasGreatest ? greatest.Commit : 0, hasGreatest ? greatest.Event : 0, RowVersion.TombstoneRank);
        tombstones.Add((offset, version));
        return version;
    }

    /// <summary>Whether a null value with this key came right after the delete of the key.</summary>
    public bool FollowsItsDelete(ReadOnlySpan<byte> key) => deletedKeyHash is not null
        ? SHA256.HashData(key).AsSpan().SequenceEqual(deletedKeyHash)
        : deletedKeyLength >= 0 && key.SequenceEqual(deletedKey.AsSpan(0, deletedKeyLength));

    /// <summary>Whether the offset was decided before.</summary>
    public bool IsDecided(long offset) => offset < frontier;

    /// <summary>Ends a message: what was decided for it holds.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="isDelete">Whether it deletes a row by an event of its own.</param>
    /// <param name="key">Its key.</param>
    public void Close(long offset, bool isDelete, ReadOnlySpan<byte> key)
    {
        if (offset < frontier) return;
        frontier = offset + 1;
        isUntouched = false;
        deletedKeyHash = null;
        if (!isDelete)
        {
            deletedKeyLength = -1;
            return;
        }

        if (deletedKey.Length < key.Length) deletedKey = new byte[key.Length * 2];
        key.CopyTo(deletedKey);
        deletedKeyLength = key.Length;
    }

    /// <summary>Forgets what is needed only for messages below a position.</summary>
    public void Forget(long below)
    {
        forgotten = Math.Max(forgotten, below);
        var first = tombstones.BinarySearch((below, default), OffsetComparer.Instance);
        tombstones.RemoveRange(0, first < 0 ? ~first : first);
        var kept = switches.FindLastIndex(change => change.From <= below);
        if (kept > 0) switches.RemoveRange(0, kept);
    }

    private byte EpochAt(long offset)
    {
        if (fixedEpoch is { } given) return given;
        var found = (byte)0;
        foreach (var (from, begun) in switches)
        {
            if (from > offset) break;
            found = begun;
        }

        return found;
    }

    private void BeginEpoch(long offset, TableId table)
    {
        if (epoch == byte.MaxValue) throw new TableStoppedException(table, "256 incarnations of the source's log stand in one partition: create the topic anew and load the table again");
        epoch++;
        switches.Add((offset, epoch));
        hasCommit = false;
        greatestCommit = 0;
        greatestTime = long.MinValue;
    }

    private static MessageProblem HasNoOrder() => new("a null value comes before any change of its partition, so its order is unknown: read the partition from an earlier position");

    private static TableStoppedException WentBackwards(TableId table) => new(
        table,
        "the source's log went backwards while its clock went on: the source was restored, replaced, or failed over with loss. Let the connector take a new snapshot, rebuild the table or delete the rows that the source lost, then read from that snapshot with Epoch = the greatest epoch in the table + 1");

    private sealed class OffsetComparer : IComparer<(long Offset, RowVersion Version)>
    {
        public static readonly OffsetComparer Instance = new();

        public int Compare((long Offset, RowVersion Version) x, (long Offset, RowVersion Version) y) => x.Offset.CompareTo(y.Offset);
    }
}
