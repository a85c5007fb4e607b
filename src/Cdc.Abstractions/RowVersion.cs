using System.Globalization;

namespace Cdc;

/// <summary>
/// The order of the changes of one row: the largest version is the row's state.
/// 128 bits, from the top: epoch (8), commit (58), event (58), rank (4).
/// </summary>
/// <remarks>
/// For PostgreSQL, commit and event are the two numbers of Debezium's <c>source.sequence</c>; snapshot rows have event 0,
/// so that they lose to every change that the snapshot did not see. Neither a clock nor the LSN alone orders rows.
/// </remarks>
/// <param name="Value">The number that is stored and compared.</param>
public readonly record struct RowVersion(UInt128 Value) : IComparable<RowVersion>
{
    /// <summary>The rank of a row that a snapshot read.</summary>
    public const int SnapshotRank = 0;

    /// <summary>The rank of a streamed insert, update or delete.</summary>
    public const int ChangeRank = 8;

    /// <summary>The rank of a truncate.</summary>
    public const int TruncateRank = 10;

    /// <summary>The rank of a delete known only by its tombstone.</summary>
    public const int TombstoneRank = 12;

    /// <summary>The first commit or event position that does not fit: 2⁵⁸.</summary>
    public const ulong PositionLimit = 1UL << 58;

    /// <summary>Puts a version together.</summary>
    /// <param name="epoch">The incarnation of the source's log; every later one wins over every earlier one.</param>
    /// <param name="commit">The commit position, below 2⁵⁸.</param>
    /// <param name="eventPosition">The position of the change, or the offset of the message, below 2⁵⁸.</param>
    /// <param name="rank">Which of two events at one position wins, 0 to 15.</param>
    /// <exception cref="ArgumentOutOfRangeException">A part does not fit its bits.</exception>
    public RowVersion(byte epoch, ulong commit, ulong eventPosition, int rank)
        : this(Compose(epoch, commit, eventPosition, rank))
    {
    }

    /// <summary>The incarnation of the source's log.</summary>
    public byte Epoch => (byte)(Value >> 120);

    /// <summary>The commit position.</summary>
    public ulong Commit => (ulong)(Value >> 62) & (PositionLimit - 1);

    /// <summary>The position of the change inside the log.</summary>
    public ulong Event => (ulong)(Value >> 4) & (PositionLimit - 1);

    /// <summary>Which of two events at one position wins.</summary>
    public int Rank => (int)(uint)(Value & 15);

    /// <inheritdoc/>
    public int CompareTo(RowVersion other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> loses to <paramref name="right"/>.</summary>
    public static bool operator <(RowVersion left, RowVersion right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> wins over <paramref name="right"/>.</summary>
    public static bool operator >(RowVersion left, RowVersion right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> does not win over <paramref name="right"/>.</summary>
    public static bool operator <=(RowVersion left, RowVersion right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> does not lose to <paramref name="right"/>.</summary>
    public static bool operator >=(RowVersion left, RowVersion right) => left.Value >= right.Value;

    /// <summary>The four parts with slashes between: <c>0/24023119/24023128/8</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}/{Commit}/{Event}/{Rank}");

    private static UInt128 Compose(byte epoch, ulong commit, ulong eventPosition, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(commit, PositionLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(eventPosition, PositionLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)rank, 15u, nameof(rank));
        return ((UInt128)epoch << 120) | ((UInt128)commit << 62) | ((UInt128)eventPosition << 4) | (uint)rank;
    }
}
